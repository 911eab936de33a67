"""Host bindings for `case:many-enumerants@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from capwit.bridge import binding as wit

wit.check_format(__name__, 1)


class Code(Enum):
    CODE0 = "code0"
    CODE1 = "code1"
    CODE2 = "code2"
    CODE3 = "code3"
    CODE4 = "code4"
    CODE5 = "code5"
    CODE6 = "code6"
    CODE7 = "code7"
    CODE8 = "code8"
    CODE9 = "code9"
    CODE10 = "code10"
    CODE11 = "code11"
    CODE12 = "code12"
    CODE13 = "code13"
    CODE14 = "code14"
    CODE15 = "code15"
    CODE16 = "code16"
    CODE17 = "code17"
    CODE18 = "code18"
    CODE19 = "code19"
    CODE20 = "code20"
    CODE21 = "code21"
    CODE22 = "code22"
    CODE23 = "code23"
    CODE24 = "code24"
    CODE25 = "code25"
    CODE26 = "code26"
    CODE27 = "code27"
    CODE28 = "code28"
    CODE29 = "code29"
    CODE30 = "code30"
    CODE31 = "code31"
    CODE32 = "code32"
    CODE33 = "code33"
    CODE34 = "code34"
    CODE35 = "code35"
    CODE36 = "code36"
    CODE37 = "code37"
    CODE38 = "code38"
    CODE39 = "code39"
    CODE40 = "code40"
    CODE41 = "code41"
    CODE42 = "code42"
    CODE43 = "code43"
    CODE44 = "code44"
    CODE45 = "code45"
    CODE46 = "code46"
    CODE47 = "code47"
    CODE48 = "code48"
    CODE49 = "code49"
    CODE50 = "code50"
    CODE51 = "code51"
    CODE52 = "code52"
    CODE53 = "code53"
    CODE54 = "code54"
    CODE55 = "code55"
    CODE56 = "code56"
    CODE57 = "code57"
    CODE58 = "code58"
    CODE59 = "code59"
    CODE60 = "code60"
    CODE61 = "code61"
    CODE62 = "code62"
    CODE63 = "code63"
    CODE64 = "code64"
    CODE65 = "code65"
    CODE66 = "code66"
    CODE67 = "code67"
    CODE68 = "code68"
    CODE69 = "code69"
    CODE70 = "code70"
    CODE71 = "code71"
    CODE72 = "code72"
    CODE73 = "code73"
    CODE74 = "code74"
    CODE75 = "code75"
    CODE76 = "code76"
    CODE77 = "code77"
    CODE78 = "code78"
    CODE79 = "code79"
    CODE80 = "code80"
    CODE81 = "code81"
    CODE82 = "code82"
    CODE83 = "code83"
    CODE84 = "code84"
    CODE85 = "code85"
    CODE86 = "code86"
    CODE87 = "code87"
    CODE88 = "code88"
    CODE89 = "code89"
    CODE90 = "code90"
    CODE91 = "code91"
    CODE92 = "code92"
    CODE93 = "code93"
    CODE94 = "code94"
    CODE95 = "code95"
    CODE96 = "code96"
    CODE97 = "code97"
    CODE98 = "code98"
    CODE99 = "code99"
    CODE100 = "code100"
    CODE101 = "code101"
    CODE102 = "code102"
    CODE103 = "code103"
    CODE104 = "code104"
    CODE105 = "code105"
    CODE106 = "code106"
    CODE107 = "code107"
    CODE108 = "code108"
    CODE109 = "code109"
    CODE110 = "code110"
    CODE111 = "code111"
    CODE112 = "code112"
    CODE113 = "code113"
    CODE114 = "code114"
    CODE115 = "code115"
    CODE116 = "code116"
    CODE117 = "code117"
    CODE118 = "code118"
    CODE119 = "code119"
    CODE120 = "code120"
    CODE121 = "code121"
    CODE122 = "code122"
    CODE123 = "code123"
    CODE124 = "code124"
    CODE125 = "code125"
    CODE126 = "code126"
    CODE127 = "code127"
    CODE128 = "code128"
    CODE129 = "code129"
    CODE130 = "code130"
    CODE131 = "code131"
    CODE132 = "code132"
    CODE133 = "code133"
    CODE134 = "code134"
    CODE135 = "code135"
    CODE136 = "code136"
    CODE137 = "code137"
    CODE138 = "code138"
    CODE139 = "code139"
    CODE140 = "code140"
    CODE141 = "code141"
    CODE142 = "code142"
    CODE143 = "code143"
    CODE144 = "code144"
    CODE145 = "code145"
    CODE146 = "code146"
    CODE147 = "code147"
    CODE148 = "code148"
    CODE149 = "code149"
    CODE150 = "code150"
    CODE151 = "code151"
    CODE152 = "code152"
    CODE153 = "code153"
    CODE154 = "code154"
    CODE155 = "code155"
    CODE156 = "code156"
    CODE157 = "code157"
    CODE158 = "code158"
    CODE159 = "code159"
    CODE160 = "code160"
    CODE161 = "code161"
    CODE162 = "code162"
    CODE163 = "code163"
    CODE164 = "code164"
    CODE165 = "code165"
    CODE166 = "code166"
    CODE167 = "code167"
    CODE168 = "code168"
    CODE169 = "code169"
    CODE170 = "code170"
    CODE171 = "code171"
    CODE172 = "code172"
    CODE173 = "code173"
    CODE174 = "code174"
    CODE175 = "code175"
    CODE176 = "code176"
    CODE177 = "code177"
    CODE178 = "code178"
    CODE179 = "code179"
    CODE180 = "code180"
    CODE181 = "code181"
    CODE182 = "code182"
    CODE183 = "code183"
    CODE184 = "code184"
    CODE185 = "code185"
    CODE186 = "code186"
    CODE187 = "code187"
    CODE188 = "code188"
    CODE189 = "code189"
    CODE190 = "code190"
    CODE191 = "code191"
    CODE192 = "code192"
    CODE193 = "code193"
    CODE194 = "code194"
    CODE195 = "code195"
    CODE196 = "code196"
    CODE197 = "code197"
    CODE198 = "code198"
    CODE199 = "code199"
    CODE200 = "code200"
    CODE201 = "code201"
    CODE202 = "code202"
    CODE203 = "code203"
    CODE204 = "code204"
    CODE205 = "code205"
    CODE206 = "code206"
    CODE207 = "code207"
    CODE208 = "code208"
    CODE209 = "code209"
    CODE210 = "code210"
    CODE211 = "code211"
    CODE212 = "code212"
    CODE213 = "code213"
    CODE214 = "code214"
    CODE215 = "code215"
    CODE216 = "code216"
    CODE217 = "code217"
    CODE218 = "code218"
    CODE219 = "code219"
    CODE220 = "code220"
    CODE221 = "code221"
    CODE222 = "code222"
    CODE223 = "code223"
    CODE224 = "code224"
    CODE225 = "code225"
    CODE226 = "code226"
    CODE227 = "code227"
    CODE228 = "code228"
    CODE229 = "code229"
    CODE230 = "code230"
    CODE231 = "code231"
    CODE232 = "code232"
    CODE233 = "code233"
    CODE234 = "code234"
    CODE235 = "code235"
    CODE236 = "code236"
    CODE237 = "code237"
    CODE238 = "code238"
    CODE239 = "code239"
    CODE240 = "code240"
    CODE241 = "code241"
    CODE242 = "code242"
    CODE243 = "code243"
    CODE244 = "code244"
    CODE245 = "code245"
    CODE246 = "code246"
    CODE247 = "code247"
    CODE248 = "code248"
    CODE249 = "code249"
    CODE250 = "code250"
    CODE251 = "code251"
    CODE252 = "code252"
    CODE253 = "code253"
    CODE254 = "code254"
    CODE255 = "code255"
    CODE256 = "code256"
    CODE257 = "code257"
    CODE258 = "code258"
    CODE259 = "code259"
    CODE260 = "code260"
    CODE261 = "code261"
    CODE262 = "code262"
    CODE263 = "code263"
    CODE264 = "code264"
    CODE265 = "code265"
    CODE266 = "code266"
    CODE267 = "code267"
    CODE268 = "code268"
    CODE269 = "code269"
    CODE270 = "code270"
    CODE271 = "code271"
    CODE272 = "code272"
    CODE273 = "code273"
    CODE274 = "code274"
    CODE275 = "code275"
    CODE276 = "code276"
    CODE277 = "code277"
    CODE278 = "code278"
    CODE279 = "code279"
    CODE280 = "code280"
    CODE281 = "code281"
    CODE282 = "code282"
    CODE283 = "code283"
    CODE284 = "code284"
    CODE285 = "code285"
    CODE286 = "code286"
    CODE287 = "code287"
    CODE288 = "code288"
    CODE289 = "code289"
    CODE290 = "code290"
    CODE291 = "code291"
    CODE292 = "code292"
    CODE293 = "code293"
    CODE294 = "code294"
    CODE295 = "code295"
    CODE296 = "code296"
    CODE297 = "code297"
    CODE298 = "code298"
    CODE299 = "code299"


@dataclass(frozen=True, slots=True)
class Sent:
    code: Code
    codes: Sequence[Code]


# The bridge's tables: WIT names and types.
CODE = wit.Enum(
    (
        "code0",
        "code1",
        "code2",
        "code3",
        "code4",
        "code5",
        "code6",
        "code7",
        "code8",
        "code9",
        "code10",
        "code11",
        "code12",
        "code13",
        "code14",
        "code15",
        "code16",
        "code17",
        "code18",
        "code19",
        "code20",
        "code21",
        "code22",
        "code23",
        "code24",
        "code25",
        "code26",
        "code27",
        "code28",
        "code29",
        "code30",
        "code31",
        "code32",
        "code33",
        "code34",
        "code35",
        "code36",
        "code37",
        "code38",
        "code39",
        "code40",
        "code41",
        "code42",
        "code43",
        "code44",
        "code45",
        "code46",
        "code47",
        "code48",
        "code49",
        "code50",
        "code51",
        "code52",
        "code53",
        "code54",
        "code55",
        "code56",
        "code57",
        "code58",
        "code59",
        "code60",
        "code61",
        "code62",
        "code63",
        "code64",
        "code65",
        "code66",
        "code67",
        "code68",
        "code69",
        "code70",
        "code71",
        "code72",
        "code73",
        "code74",
        "code75",
        "code76",
        "code77",
        "code78",
        "code79",
        "code80",
        "code81",
        "code82",
        "code83",
        "code84",
        "code85",
        "code86",
        "code87",
        "code88",
        "code89",
        "code90",
        "code91",
        "code92",
        "code93",
        "code94",
        "code95",
        "code96",
        "code97",
        "code98",
        "code99",
        "code100",
        "code101",
        "code102",
        "code103",
        "code104",
        "code105",
        "code106",
        "code107",
        "code108",
        "code109",
        "code110",
        "code111",
        "code112",
        "code113",
        "code114",
        "code115",
        "code116",
        "code117",
        "code118",
        "code119",
        "code120",
        "code121",
        "code122",
        "code123",
        "code124",
        "code125",
        "code126",
        "code127",
        "code128",
        "code129",
        "code130",
        "code131",
        "code132",
        "code133",
        "code134",
        "code135",
        "code136",
        "code137",
        "code138",
        "code139",
        "code140",
        "code141",
        "code142",
        "code143",
        "code144",
        "code145",
        "code146",
        "code147",
        "code148",
        "code149",
        "code150",
        "code151",
        "code152",
        "code153",
        "code154",
        "code155",
        "code156",
        "code157",
        "code158",
        "code159",
        "code160",
        "code161",
        "code162",
        "code163",
        "code164",
        "code165",
        "code166",
        "code167",
        "code168",
        "code169",
        "code170",
        "code171",
        "code172",
        "code173",
        "code174",
        "code175",
        "code176",
        "code177",
        "code178",
        "code179",
        "code180",
        "code181",
        "code182",
        "code183",
        "code184",
        "code185",
        "code186",
        "code187",
        "code188",
        "code189",
        "code190",
        "code191",
        "code192",
        "code193",
        "code194",
        "code195",
        "code196",
        "code197",
        "code198",
        "code199",
        "code200",
        "code201",
        "code202",
        "code203",
        "code204",
        "code205",
        "code206",
        "code207",
        "code208",
        "code209",
        "code210",
        "code211",
        "code212",
        "code213",
        "code214",
        "code215",
        "code216",
        "code217",
        "code218",
        "code219",
        "code220",
        "code221",
        "code222",
        "code223",
        "code224",
        "code225",
        "code226",
        "code227",
        "code228",
        "code229",
        "code230",
        "code231",
        "code232",
        "code233",
        "code234",
        "code235",
        "code236",
        "code237",
        "code238",
        "code239",
        "code240",
        "code241",
        "code242",
        "code243",
        "code244",
        "code245",
        "code246",
        "code247",
        "code248",
        "code249",
        "code250",
        "code251",
        "code252",
        "code253",
        "code254",
        "code255",
        "code256",
        "code257",
        "code258",
        "code259",
        "code260",
        "code261",
        "code262",
        "code263",
        "code264",
        "code265",
        "code266",
        "code267",
        "code268",
        "code269",
        "code270",
        "code271",
        "code272",
        "code273",
        "code274",
        "code275",
        "code276",
        "code277",
        "code278",
        "code279",
        "code280",
        "code281",
        "code282",
        "code283",
        "code284",
        "code285",
        "code286",
        "code287",
        "code288",
        "code289",
        "code290",
        "code291",
        "code292",
        "code293",
        "code294",
        "code295",
        "code296",
        "code297",
        "code298",
        "code299",
    ),
    Code,
    "code",
)
SENT = wit.Record(
    (wit.Field("code", CODE, "code"), wit.Field("codes", wit.List(CODE), "codes")),
    Sent,
    "sent",
)
BINDINGS = wit.Bindings(
    package="case:many-enumerants@0.1.0",
    interface="schema",
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xA1B8D2C4E6F01352),
)
