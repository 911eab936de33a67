"""Host bindings for `case:deep@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from capwit.bridge import binding as wit

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class S0:
    inner: S1


@dataclass(frozen=True, slots=True)
class S1:
    inner: S2


@dataclass(frozen=True, slots=True)
class S2:
    inner: S3


@dataclass(frozen=True, slots=True)
class S3:
    inner: S4


@dataclass(frozen=True, slots=True)
class S4:
    inner: S5


@dataclass(frozen=True, slots=True)
class S5:
    inner: S6


@dataclass(frozen=True, slots=True)
class S6:
    inner: S7


@dataclass(frozen=True, slots=True)
class S7:
    inner: S8


@dataclass(frozen=True, slots=True)
class S8:
    inner: S9


@dataclass(frozen=True, slots=True)
class S9:
    inner: S10


@dataclass(frozen=True, slots=True)
class S10:
    inner: S11


@dataclass(frozen=True, slots=True)
class S11:
    inner: S12


@dataclass(frozen=True, slots=True)
class S12:
    inner: S13


@dataclass(frozen=True, slots=True)
class S13:
    inner: S14


@dataclass(frozen=True, slots=True)
class S14:
    inner: S15


@dataclass(frozen=True, slots=True)
class S15:
    inner: S16


@dataclass(frozen=True, slots=True)
class S16:
    inner: S17


@dataclass(frozen=True, slots=True)
class S17:
    inner: S18


@dataclass(frozen=True, slots=True)
class S18:
    inner: S19


@dataclass(frozen=True, slots=True)
class S19:
    inner: S20


@dataclass(frozen=True, slots=True)
class S20:
    inner: S21


@dataclass(frozen=True, slots=True)
class S21:
    inner: S22


@dataclass(frozen=True, slots=True)
class S22:
    inner: S23


@dataclass(frozen=True, slots=True)
class S23:
    inner: S24


@dataclass(frozen=True, slots=True)
class S24:
    inner: S25


@dataclass(frozen=True, slots=True)
class S25:
    inner: S26


@dataclass(frozen=True, slots=True)
class S26:
    inner: S27


@dataclass(frozen=True, slots=True)
class S27:
    inner: S28


@dataclass(frozen=True, slots=True)
class S28:
    inner: S29


@dataclass(frozen=True, slots=True)
class S29:
    inner: S30


@dataclass(frozen=True, slots=True)
class S30:
    inner: S31


@dataclass(frozen=True, slots=True)
class S31:
    inner: S32


@dataclass(frozen=True, slots=True)
class S32:
    inner: S33


@dataclass(frozen=True, slots=True)
class S33:
    inner: S34


@dataclass(frozen=True, slots=True)
class S34:
    inner: S35


@dataclass(frozen=True, slots=True)
class S35:
    inner: S36


@dataclass(frozen=True, slots=True)
class S36:
    inner: S37


@dataclass(frozen=True, slots=True)
class S37:
    inner: S38


@dataclass(frozen=True, slots=True)
class S38:
    inner: S39


@dataclass(frozen=True, slots=True)
class S39:
    inner: S40


@dataclass(frozen=True, slots=True)
class S40:
    inner: S41


@dataclass(frozen=True, slots=True)
class S41:
    inner: S42


@dataclass(frozen=True, slots=True)
class S42:
    inner: S43


@dataclass(frozen=True, slots=True)
class S43:
    inner: S44


@dataclass(frozen=True, slots=True)
class S44:
    inner: S45


@dataclass(frozen=True, slots=True)
class S45:
    inner: S46


@dataclass(frozen=True, slots=True)
class S46:
    inner: S47


@dataclass(frozen=True, slots=True)
class S47:
    inner: S48


@dataclass(frozen=True, slots=True)
class S48:
    inner: S49


@dataclass(frozen=True, slots=True)
class S49:
    inner: S50


@dataclass(frozen=True, slots=True)
class S50:
    inner: S51


@dataclass(frozen=True, slots=True)
class S51:
    inner: S52


@dataclass(frozen=True, slots=True)
class S52:
    inner: S53


@dataclass(frozen=True, slots=True)
class S53:
    inner: S54


@dataclass(frozen=True, slots=True)
class S54:
    inner: S55


@dataclass(frozen=True, slots=True)
class S55:
    inner: S56


@dataclass(frozen=True, slots=True)
class S56:
    inner: S57


@dataclass(frozen=True, slots=True)
class S57:
    inner: S58


@dataclass(frozen=True, slots=True)
class S58:
    inner: S59


@dataclass(frozen=True, slots=True)
class S59:
    inner: S60


@dataclass(frozen=True, slots=True)
class S60:
    inner: S61


@dataclass(frozen=True, slots=True)
class S61:
    inner: S62


@dataclass(frozen=True, slots=True)
class S62:
    inner: S63


@dataclass(frozen=True, slots=True)
class S63:
    inner: S64


@dataclass(frozen=True, slots=True)
class S64:
    inner: S65


@dataclass(frozen=True, slots=True)
class S65:
    inner: S66


@dataclass(frozen=True, slots=True)
class S66:
    inner: S67


@dataclass(frozen=True, slots=True)
class S67:
    inner: S68


@dataclass(frozen=True, slots=True)
class S68:
    inner: S69


@dataclass(frozen=True, slots=True)
class S69:
    inner: S70


@dataclass(frozen=True, slots=True)
class S70:
    inner: S71


@dataclass(frozen=True, slots=True)
class S71:
    inner: S72


@dataclass(frozen=True, slots=True)
class S72:
    inner: S73


@dataclass(frozen=True, slots=True)
class S73:
    inner: S74


@dataclass(frozen=True, slots=True)
class S74:
    inner: S75


@dataclass(frozen=True, slots=True)
class S75:
    inner: S76


@dataclass(frozen=True, slots=True)
class S76:
    inner: S77


@dataclass(frozen=True, slots=True)
class S77:
    inner: S78


@dataclass(frozen=True, slots=True)
class S78:
    inner: S79


@dataclass(frozen=True, slots=True)
class S79:
    inner: S80


@dataclass(frozen=True, slots=True)
class S80:
    inner: S81


@dataclass(frozen=True, slots=True)
class S81:
    inner: S82


@dataclass(frozen=True, slots=True)
class S82:
    inner: S83


@dataclass(frozen=True, slots=True)
class S83:
    inner: S84


@dataclass(frozen=True, slots=True)
class S84:
    inner: S85


@dataclass(frozen=True, slots=True)
class S85:
    inner: S86


@dataclass(frozen=True, slots=True)
class S86:
    inner: S87


@dataclass(frozen=True, slots=True)
class S87:
    inner: S88


@dataclass(frozen=True, slots=True)
class S88:
    inner: S89


@dataclass(frozen=True, slots=True)
class S89:
    inner: S90


@dataclass(frozen=True, slots=True)
class S90:
    text: str


@dataclass(frozen=True, slots=True)
class Lists:
    deep: Sequence[Sequence[Sequence[Sequence[Sequence[Sequence[Sequence[Sequence[Sequence[str]]]]]]]]]


# The bridge's tables: WIT names and types.
S90_ = wit.Record((wit.Field("text", wit.STRING, "text"),), S90, "s90")
S89_ = wit.Record((wit.Field("inner", S90_, "inner"),), S89, "s89")
S88_ = wit.Record((wit.Field("inner", S89_, "inner"),), S88, "s88")
S87_ = wit.Record((wit.Field("inner", S88_, "inner"),), S87, "s87")
S86_ = wit.Record((wit.Field("inner", S87_, "inner"),), S86, "s86")
S85_ = wit.Record((wit.Field("inner", S86_, "inner"),), S85, "s85")
S84_ = wit.Record((wit.Field("inner", S85_, "inner"),), S84, "s84")
S83_ = wit.Record((wit.Field("inner", S84_, "inner"),), S83, "s83")
S82_ = wit.Record((wit.Field("inner", S83_, "inner"),), S82, "s82")
S81_ = wit.Record((wit.Field("inner", S82_, "inner"),), S81, "s81")
S80_ = wit.Record((wit.Field("inner", S81_, "inner"),), S80, "s80")
S79_ = wit.Record((wit.Field("inner", S80_, "inner"),), S79, "s79")
S78_ = wit.Record((wit.Field("inner", S79_, "inner"),), S78, "s78")
S77_ = wit.Record((wit.Field("inner", S78_, "inner"),), S77, "s77")
S76_ = wit.Record((wit.Field("inner", S77_, "inner"),), S76, "s76")
S75_ = wit.Record((wit.Field("inner", S76_, "inner"),), S75, "s75")
S74_ = wit.Record((wit.Field("inner", S75_, "inner"),), S74, "s74")
S73_ = wit.Record((wit.Field("inner", S74_, "inner"),), S73, "s73")
S72_ = wit.Record((wit.Field("inner", S73_, "inner"),), S72, "s72")
S71_ = wit.Record((wit.Field("inner", S72_, "inner"),), S71, "s71")
S70_ = wit.Record((wit.Field("inner", S71_, "inner"),), S70, "s70")
S69_ = wit.Record((wit.Field("inner", S70_, "inner"),), S69, "s69")
S68_ = wit.Record((wit.Field("inner", S69_, "inner"),), S68, "s68")
S67_ = wit.Record((wit.Field("inner", S68_, "inner"),), S67, "s67")
S66_ = wit.Record((wit.Field("inner", S67_, "inner"),), S66, "s66")
S65_ = wit.Record((wit.Field("inner", S66_, "inner"),), S65, "s65")
S64_ = wit.Record((wit.Field("inner", S65_, "inner"),), S64, "s64")
S63_ = wit.Record((wit.Field("inner", S64_, "inner"),), S63, "s63")
S62_ = wit.Record((wit.Field("inner", S63_, "inner"),), S62, "s62")
S61_ = wit.Record((wit.Field("inner", S62_, "inner"),), S61, "s61")
S60_ = wit.Record((wit.Field("inner", S61_, "inner"),), S60, "s60")
S59_ = wit.Record((wit.Field("inner", S60_, "inner"),), S59, "s59")
S58_ = wit.Record((wit.Field("inner", S59_, "inner"),), S58, "s58")
S57_ = wit.Record((wit.Field("inner", S58_, "inner"),), S57, "s57")
S56_ = wit.Record((wit.Field("inner", S57_, "inner"),), S56, "s56")
S55_ = wit.Record((wit.Field("inner", S56_, "inner"),), S55, "s55")
S54_ = wit.Record((wit.Field("inner", S55_, "inner"),), S54, "s54")
S53_ = wit.Record((wit.Field("inner", S54_, "inner"),), S53, "s53")
S52_ = wit.Record((wit.Field("inner", S53_, "inner"),), S52, "s52")
S51_ = wit.Record((wit.Field("inner", S52_, "inner"),), S51, "s51")
S50_ = wit.Record((wit.Field("inner", S51_, "inner"),), S50, "s50")
S49_ = wit.Record((wit.Field("inner", S50_, "inner"),), S49, "s49")
S48_ = wit.Record((wit.Field("inner", S49_, "inner"),), S48, "s48")
S47_ = wit.Record((wit.Field("inner", S48_, "inner"),), S47, "s47")
S46_ = wit.Record((wit.Field("inner", S47_, "inner"),), S46, "s46")
S45_ = wit.Record((wit.Field("inner", S46_, "inner"),), S45, "s45")
S44_ = wit.Record((wit.Field("inner", S45_, "inner"),), S44, "s44")
S43_ = wit.Record((wit.Field("inner", S44_, "inner"),), S43, "s43")
S42_ = wit.Record((wit.Field("inner", S43_, "inner"),), S42, "s42")
S41_ = wit.Record((wit.Field("inner", S42_, "inner"),), S41, "s41")
S40_ = wit.Record((wit.Field("inner", S41_, "inner"),), S40, "s40")
S39_ = wit.Record((wit.Field("inner", S40_, "inner"),), S39, "s39")
S38_ = wit.Record((wit.Field("inner", S39_, "inner"),), S38, "s38")
S37_ = wit.Record((wit.Field("inner", S38_, "inner"),), S37, "s37")
S36_ = wit.Record((wit.Field("inner", S37_, "inner"),), S36, "s36")
S35_ = wit.Record((wit.Field("inner", S36_, "inner"),), S35, "s35")
S34_ = wit.Record((wit.Field("inner", S35_, "inner"),), S34, "s34")
S33_ = wit.Record((wit.Field("inner", S34_, "inner"),), S33, "s33")
S32_ = wit.Record((wit.Field("inner", S33_, "inner"),), S32, "s32")
S31_ = wit.Record((wit.Field("inner", S32_, "inner"),), S31, "s31")
S30_ = wit.Record((wit.Field("inner", S31_, "inner"),), S30, "s30")
S29_ = wit.Record((wit.Field("inner", S30_, "inner"),), S29, "s29")
S28_ = wit.Record((wit.Field("inner", S29_, "inner"),), S28, "s28")
S27_ = wit.Record((wit.Field("inner", S28_, "inner"),), S27, "s27")
S26_ = wit.Record((wit.Field("inner", S27_, "inner"),), S26, "s26")
S25_ = wit.Record((wit.Field("inner", S26_, "inner"),), S25, "s25")
S24_ = wit.Record((wit.Field("inner", S25_, "inner"),), S24, "s24")
S23_ = wit.Record((wit.Field("inner", S24_, "inner"),), S23, "s23")
S22_ = wit.Record((wit.Field("inner", S23_, "inner"),), S22, "s22")
S21_ = wit.Record((wit.Field("inner", S22_, "inner"),), S21, "s21")
S20_ = wit.Record((wit.Field("inner", S21_, "inner"),), S20, "s20")
S19_ = wit.Record((wit.Field("inner", S20_, "inner"),), S19, "s19")
S18_ = wit.Record((wit.Field("inner", S19_, "inner"),), S18, "s18")
S17_ = wit.Record((wit.Field("inner", S18_, "inner"),), S17, "s17")
S16_ = wit.Record((wit.Field("inner", S17_, "inner"),), S16, "s16")
S15_ = wit.Record((wit.Field("inner", S16_, "inner"),), S15, "s15")
S14_ = wit.Record((wit.Field("inner", S15_, "inner"),), S14, "s14")
S13_ = wit.Record((wit.Field("inner", S14_, "inner"),), S13, "s13")
S12_ = wit.Record((wit.Field("inner", S13_, "inner"),), S12, "s12")
S11_ = wit.Record((wit.Field("inner", S12_, "inner"),), S11, "s11")
S10_ = wit.Record((wit.Field("inner", S11_, "inner"),), S10, "s10")
S9_ = wit.Record((wit.Field("inner", S10_, "inner"),), S9, "s9")
S8_ = wit.Record((wit.Field("inner", S9_, "inner"),), S8, "s8")
S7_ = wit.Record((wit.Field("inner", S8_, "inner"),), S7, "s7")
S6_ = wit.Record((wit.Field("inner", S7_, "inner"),), S6, "s6")
S5_ = wit.Record((wit.Field("inner", S6_, "inner"),), S5, "s5")
S4_ = wit.Record((wit.Field("inner", S5_, "inner"),), S4, "s4")
S3_ = wit.Record((wit.Field("inner", S4_, "inner"),), S3, "s3")
S2_ = wit.Record((wit.Field("inner", S3_, "inner"),), S2, "s2")
S1_ = wit.Record((wit.Field("inner", S2_, "inner"),), S1, "s1")
S0_ = wit.Record((wit.Field("inner", S1_, "inner"),), S0, "s0")
LISTS = wit.Record(
    (
        wit.Field(
            "deep",
            wit.List(
                wit.List(wit.List(wit.List(wit.List(wit.List(wit.List(wit.List(wit.List(wit.STRING)))))))),
            ),
            "deep",
        ),
    ),
    Lists,
    "lists",
)
BINDINGS = wit.Bindings(
    package="case:deep@0.1.0",
    interface="schema",
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xA1B8D2C4E6F01354),
)
