"""Host bindings for `case:many-fields@0.1.0`.

Written by `capwit generate` from schema.capnp; do not edit.
"""
# ruff: noqa

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from capwit.bridge import binding as wit

wit.check_format(__name__, 1)


@dataclass(frozen=True, slots=True)
class Wide:
    f0: bool
    f1: int
    f2: int
    f3: int
    f4: int
    f5: float
    f6: float
    f7: str
    f8: bytes
    f9: Sequence[int]
    f10: bool
    f11: int
    f12: int
    f13: int
    f14: int
    f15: float
    f16: float
    f17: str
    f18: bytes
    f19: Sequence[int]
    f20: bool
    f21: int
    f22: int
    f23: int
    f24: int
    f25: float
    f26: float
    f27: str
    f28: bytes
    f29: Sequence[int]
    f30: bool
    f31: int
    f32: int
    f33: int
    f34: int
    f35: float
    f36: float
    f37: str
    f38: bytes
    f39: Sequence[int]
    f40: bool
    f41: int
    f42: int
    f43: int
    f44: int
    f45: float
    f46: float
    f47: str
    f48: bytes
    f49: Sequence[int]
    f50: bool
    f51: int
    f52: int
    f53: int
    f54: int
    f55: float
    f56: float
    f57: str
    f58: bytes
    f59: Sequence[int]
    f60: bool
    f61: int
    f62: int
    f63: int
    f64: int
    f65: float
    f66: float
    f67: str
    f68: bytes
    f69: Sequence[int]
    f70: bool
    f71: int
    f72: int
    f73: int
    f74: int
    f75: float
    f76: float
    f77: str
    f78: bytes
    f79: Sequence[int]
    f80: bool
    f81: int
    f82: int
    f83: int
    f84: int
    f85: float
    f86: float
    f87: str
    f88: bytes
    f89: Sequence[int]
    f90: bool
    f91: int
    f92: int
    f93: int
    f94: int
    f95: float
    f96: float
    f97: str
    f98: bytes
    f99: Sequence[int]
    f100: bool
    f101: int
    f102: int
    f103: int
    f104: int
    f105: float
    f106: float
    f107: str
    f108: bytes
    f109: Sequence[int]
    f110: bool
    f111: int
    f112: int
    f113: int
    f114: int
    f115: float
    f116: float
    f117: str
    f118: bytes
    f119: Sequence[int]
    f120: bool
    f121: int
    f122: int
    f123: int
    f124: int
    f125: float
    f126: float
    f127: str
    f128: bytes
    f129: Sequence[int]
    f130: bool
    f131: int
    f132: int
    f133: int
    f134: int
    f135: float
    f136: float
    f137: str
    f138: bytes
    f139: Sequence[int]
    f140: bool
    f141: int
    f142: int
    f143: int
    f144: int
    f145: float
    f146: float
    f147: str
    f148: bytes
    f149: Sequence[int]
    f150: bool
    f151: int
    f152: int
    f153: int
    f154: int
    f155: float
    f156: float
    f157: str
    f158: bytes
    f159: Sequence[int]
    f160: bool
    f161: int
    f162: int
    f163: int
    f164: int
    f165: float
    f166: float
    f167: str
    f168: bytes
    f169: Sequence[int]
    f170: bool
    f171: int
    f172: int
    f173: int
    f174: int
    f175: float
    f176: float
    f177: str
    f178: bytes
    f179: Sequence[int]
    f180: bool
    f181: int
    f182: int
    f183: int
    f184: int
    f185: float
    f186: float
    f187: str
    f188: bytes
    f189: Sequence[int]
    f190: bool
    f191: int
    f192: int
    f193: int
    f194: int
    f195: float
    f196: float
    f197: str
    f198: bytes
    f199: Sequence[int]
    f200: bool
    f201: int
    f202: int
    f203: int
    f204: int
    f205: float
    f206: float
    f207: str
    f208: bytes
    f209: Sequence[int]
    f210: bool
    f211: int
    f212: int
    f213: int
    f214: int
    f215: float
    f216: float
    f217: str
    f218: bytes
    f219: Sequence[int]
    f220: bool
    f221: int
    f222: int
    f223: int
    f224: int
    f225: float
    f226: float
    f227: str
    f228: bytes
    f229: Sequence[int]
    f230: bool
    f231: int
    f232: int
    f233: int
    f234: int
    f235: float
    f236: float
    f237: str
    f238: bytes
    f239: Sequence[int]
    f240: bool
    f241: int
    f242: int
    f243: int
    f244: int
    f245: float
    f246: float
    f247: str
    f248: bytes
    f249: Sequence[int]
    f250: bool
    f251: int
    f252: int
    f253: int
    f254: int
    f255: float
    f256: float
    f257: str
    f258: bytes
    f259: Sequence[int]
    f260: bool
    f261: int
    f262: int
    f263: int
    f264: int
    f265: float
    f266: float
    f267: str
    f268: bytes
    f269: Sequence[int]
    f270: bool
    f271: int
    f272: int
    f273: int
    f274: int
    f275: float
    f276: float
    f277: str
    f278: bytes
    f279: Sequence[int]
    f280: bool
    f281: int
    f282: int
    f283: int
    f284: int
    f285: float
    f286: float
    f287: str
    f288: bytes
    f289: Sequence[int]
    f290: bool
    f291: int
    f292: int
    f293: int
    f294: int
    f295: float
    f296: float
    f297: str
    f298: bytes
    f299: Sequence[int]
    f300: bool
    f301: int
    f302: int
    f303: int
    f304: int
    f305: float
    f306: float
    f307: str
    f308: bytes
    f309: Sequence[int]
    f310: bool
    f311: int
    f312: int
    f313: int
    f314: int
    f315: float
    f316: float
    f317: str
    f318: bytes
    f319: Sequence[int]
    f320: bool
    f321: int
    f322: int
    f323: int
    f324: int
    f325: float
    f326: float
    f327: str
    f328: bytes
    f329: Sequence[int]
    f330: bool
    f331: int
    f332: int
    f333: int
    f334: int
    f335: float
    f336: float
    f337: str
    f338: bytes
    f339: Sequence[int]
    f340: bool
    f341: int
    f342: int
    f343: int
    f344: int
    f345: float
    f346: float
    f347: str
    f348: bytes
    f349: Sequence[int]
    f350: bool
    f351: int
    f352: int
    f353: int
    f354: int
    f355: float
    f356: float
    f357: str
    f358: bytes
    f359: Sequence[int]
    f360: bool
    f361: int
    f362: int
    f363: int
    f364: int
    f365: float
    f366: float
    f367: str
    f368: bytes
    f369: Sequence[int]
    f370: bool
    f371: int
    f372: int
    f373: int
    f374: int
    f375: float
    f376: float
    f377: str
    f378: bytes
    f379: Sequence[int]
    f380: bool
    f381: int
    f382: int
    f383: int
    f384: int
    f385: float
    f386: float
    f387: str
    f388: bytes
    f389: Sequence[int]
    f390: bool
    f391: int
    f392: int
    f393: int
    f394: int
    f395: float
    f396: float
    f397: str
    f398: bytes
    f399: Sequence[int]
    f400: bool
    f401: int
    f402: int
    f403: int
    f404: int
    f405: float
    f406: float
    f407: str
    f408: bytes
    f409: Sequence[int]
    f410: bool
    f411: int
    f412: int
    f413: int
    f414: int
    f415: float
    f416: float
    f417: str
    f418: bytes
    f419: Sequence[int]
    f420: bool
    f421: int
    f422: int
    f423: int
    f424: int
    f425: float
    f426: float
    f427: str
    f428: bytes
    f429: Sequence[int]
    f430: bool
    f431: int
    f432: int
    f433: int
    f434: int
    f435: float
    f436: float
    f437: str
    f438: bytes
    f439: Sequence[int]
    f440: bool
    f441: int
    f442: int
    f443: int
    f444: int
    f445: float
    f446: float
    f447: str
    f448: bytes
    f449: Sequence[int]
    f450: bool
    f451: int
    f452: int
    f453: int
    f454: int
    f455: float
    f456: float
    f457: str
    f458: bytes
    f459: Sequence[int]
    f460: bool
    f461: int
    f462: int
    f463: int
    f464: int
    f465: float
    f466: float
    f467: str
    f468: bytes
    f469: Sequence[int]
    f470: bool
    f471: int
    f472: int
    f473: int
    f474: int
    f475: float
    f476: float
    f477: str
    f478: bytes
    f479: Sequence[int]
    f480: bool
    f481: int
    f482: int
    f483: int
    f484: int
    f485: float
    f486: float
    f487: str
    f488: bytes
    f489: Sequence[int]
    f490: bool
    f491: int
    f492: int
    f493: int
    f494: int
    f495: float
    f496: float
    f497: str
    f498: bytes
    f499: Sequence[int]


# The bridge's tables: WIT names and types.
WIDE = wit.Record(
    (
        wit.Field("f0", wit.BOOL, "f0"),
        wit.Field("f1", wit.S8, "f1"),
        wit.Field("f2", wit.U16, "f2"),
        wit.Field("f3", wit.S32, "f3"),
        wit.Field("f4", wit.U64, "f4"),
        wit.Field("f5", wit.F32, "f5"),
        wit.Field("f6", wit.F64, "f6"),
        wit.Field("f7", wit.STRING, "f7"),
        wit.Field("f8", wit.BYTES, "f8"),
        wit.Field("f9", wit.List(wit.S16), "f9"),
        wit.Field("f10", wit.BOOL, "f10"),
        wit.Field("f11", wit.S8, "f11"),
        wit.Field("f12", wit.U16, "f12"),
        wit.Field("f13", wit.S32, "f13"),
        wit.Field("f14", wit.U64, "f14"),
        wit.Field("f15", wit.F32, "f15"),
        wit.Field("f16", wit.F64, "f16"),
        wit.Field("f17", wit.STRING, "f17"),
        wit.Field("f18", wit.BYTES, "f18"),
        wit.Field("f19", wit.List(wit.S16), "f19"),
        wit.Field("f20", wit.BOOL, "f20"),
        wit.Field("f21", wit.S8, "f21"),
        wit.Field("f22", wit.U16, "f22"),
        wit.Field("f23", wit.S32, "f23"),
        wit.Field("f24", wit.U64, "f24"),
        wit.Field("f25", wit.F32, "f25"),
        wit.Field("f26", wit.F64, "f26"),
        wit.Field("f27", wit.STRING, "f27"),
        wit.Field("f28", wit.BYTES, "f28"),
        wit.Field("f29", wit.List(wit.S16), "f29"),
        wit.Field("f30", wit.BOOL, "f30"),
        wit.Field("f31", wit.S8, "f31"),
        wit.Field("f32", wit.U16, "f32"),
        wit.Field("f33", wit.S32, "f33"),
        wit.Field("f34", wit.U64, "f34"),
        wit.Field("f35", wit.F32, "f35"),
        wit.Field("f36", wit.F64, "f36"),
        wit.Field("f37", wit.STRING, "f37"),
        wit.Field("f38", wit.BYTES, "f38"),
        wit.Field("f39", wit.List(wit.S16), "f39"),
        wit.Field("f40", wit.BOOL, "f40"),
        wit.Field("f41", wit.S8, "f41"),
        wit.Field("f42", wit.U16, "f42"),
        wit.Field("f43", wit.S32, "f43"),
        wit.Field("f44", wit.U64, "f44"),
        wit.Field("f45", wit.F32, "f45"),
        wit.Field("f46", wit.F64, "f46"),
        wit.Field("f47", wit.STRING, "f47"),
        wit.Field("f48", wit.BYTES, "f48"),
        wit.Field("f49", wit.List(wit.S16), "f49"),
        wit.Field("f50", wit.BOOL, "f50"),
        wit.Field("f51", wit.S8, "f51"),
        wit.Field("f52", wit.U16, "f52"),
        wit.Field("f53", wit.S32, "f53"),
        wit.Field("f54", wit.U64, "f54"),
        wit.Field("f55", wit.F32, "f55"),
        wit.Field("f56", wit.F64, "f56"),
        wit.Field("f57", wit.STRING, "f57"),
        wit.Field("f58", wit.BYTES, "f58"),
        wit.Field("f59", wit.List(wit.S16), "f59"),
        wit.Field("f60", wit.BOOL, "f60"),
        wit.Field("f61", wit.S8, "f61"),
        wit.Field("f62", wit.U16, "f62"),
        wit.Field("f63", wit.S32, "f63"),
        wit.Field("f64", wit.U64, "f64"),
        wit.Field("f65", wit.F32, "f65"),
        wit.Field("f66", wit.F64, "f66"),
        wit.Field("f67", wit.STRING, "f67"),
        wit.Field("f68", wit.BYTES, "f68"),
        wit.Field("f69", wit.List(wit.S16), "f69"),
        wit.Field("f70", wit.BOOL, "f70"),
        wit.Field("f71", wit.S8, "f71"),
        wit.Field("f72", wit.U16, "f72"),
        wit.Field("f73", wit.S32, "f73"),
        wit.Field("f74", wit.U64, "f74"),
        wit.Field("f75", wit.F32, "f75"),
        wit.Field("f76", wit.F64, "f76"),
        wit.Field("f77", wit.STRING, "f77"),
        wit.Field("f78", wit.BYTES, "f78"),
        wit.Field("f79", wit.List(wit.S16), "f79"),
        wit.Field("f80", wit.BOOL, "f80"),
        wit.Field("f81", wit.S8, "f81"),
        wit.Field("f82", wit.U16, "f82"),
        wit.Field("f83", wit.S32, "f83"),
        wit.Field("f84", wit.U64, "f84"),
        wit.Field("f85", wit.F32, "f85"),
        wit.Field("f86", wit.F64, "f86"),
        wit.Field("f87", wit.STRING, "f87"),
        wit.Field("f88", wit.BYTES, "f88"),
        wit.Field("f89", wit.List(wit.S16), "f89"),
        wit.Field("f90", wit.BOOL, "f90"),
        wit.Field("f91", wit.S8, "f91"),
        wit.Field("f92", wit.U16, "f92"),
        wit.Field("f93", wit.S32, "f93"),
        wit.Field("f94", wit.U64, "f94"),
        wit.Field("f95", wit.F32, "f95"),
        wit.Field("f96", wit.F64, "f96"),
        wit.Field("f97", wit.STRING, "f97"),
        wit.Field("f98", wit.BYTES, "f98"),
        wit.Field("f99", wit.List(wit.S16), "f99"),
        wit.Field("f100", wit.BOOL, "f100"),
        wit.Field("f101", wit.S8, "f101"),
        wit.Field("f102", wit.U16, "f102"),
        wit.Field("f103", wit.S32, "f103"),
        wit.Field("f104", wit.U64, "f104"),
        wit.Field("f105", wit.F32, "f105"),
        wit.Field("f106", wit.F64, "f106"),
        wit.Field("f107", wit.STRING, "f107"),
        wit.Field("f108", wit.BYTES, "f108"),
        wit.Field("f109", wit.List(wit.S16), "f109"),
        wit.Field("f110", wit.BOOL, "f110"),
        wit.Field("f111", wit.S8, "f111"),
        wit.Field("f112", wit.U16, "f112"),
        wit.Field("f113", wit.S32, "f113"),
        wit.Field("f114", wit.U64, "f114"),
        wit.Field("f115", wit.F32, "f115"),
        wit.Field("f116", wit.F64, "f116"),
        wit.Field("f117", wit.STRING, "f117"),
        wit.Field("f118", wit.BYTES, "f118"),
        wit.Field("f119", wit.List(wit.S16), "f119"),
        wit.Field("f120", wit.BOOL, "f120"),
        wit.Field("f121", wit.S8, "f121"),
        wit.Field("f122", wit.U16, "f122"),
        wit.Field("f123", wit.S32, "f123"),
        wit.Field("f124", wit.U64, "f124"),
        wit.Field("f125", wit.F32, "f125"),
        wit.Field("f126", wit.F64, "f126"),
        wit.Field("f127", wit.STRING, "f127"),
        wit.Field("f128", wit.BYTES, "f128"),
        wit.Field("f129", wit.List(wit.S16), "f129"),
        wit.Field("f130", wit.BOOL, "f130"),
        wit.Field("f131", wit.S8, "f131"),
        wit.Field("f132", wit.U16, "f132"),
        wit.Field("f133", wit.S32, "f133"),
        wit.Field("f134", wit.U64, "f134"),
        wit.Field("f135", wit.F32, "f135"),
        wit.Field("f136", wit.F64, "f136"),
        wit.Field("f137", wit.STRING, "f137"),
        wit.Field("f138", wit.BYTES, "f138"),
        wit.Field("f139", wit.List(wit.S16), "f139"),
        wit.Field("f140", wit.BOOL, "f140"),
        wit.Field("f141", wit.S8, "f141"),
        wit.Field("f142", wit.U16, "f142"),
        wit.Field("f143", wit.S32, "f143"),
        wit.Field("f144", wit.U64, "f144"),
        wit.Field("f145", wit.F32, "f145"),
        wit.Field("f146", wit.F64, "f146"),
        wit.Field("f147", wit.STRING, "f147"),
        wit.Field("f148", wit.BYTES, "f148"),
        wit.Field("f149", wit.List(wit.S16), "f149"),
        wit.Field("f150", wit.BOOL, "f150"),
        wit.Field("f151", wit.S8, "f151"),
        wit.Field("f152", wit.U16, "f152"),
        wit.Field("f153", wit.S32, "f153"),
        wit.Field("f154", wit.U64, "f154"),
        wit.Field("f155", wit.F32, "f155"),
        wit.Field("f156", wit.F64, "f156"),
        wit.Field("f157", wit.STRING, "f157"),
        wit.Field("f158", wit.BYTES, "f158"),
        wit.Field("f159", wit.List(wit.S16), "f159"),
        wit.Field("f160", wit.BOOL, "f160"),
        wit.Field("f161", wit.S8, "f161"),
        wit.Field("f162", wit.U16, "f162"),
        wit.Field("f163", wit.S32, "f163"),
        wit.Field("f164", wit.U64, "f164"),
        wit.Field("f165", wit.F32, "f165"),
        wit.Field("f166", wit.F64, "f166"),
        wit.Field("f167", wit.STRING, "f167"),
        wit.Field("f168", wit.BYTES, "f168"),
        wit.Field("f169", wit.List(wit.S16), "f169"),
        wit.Field("f170", wit.BOOL, "f170"),
        wit.Field("f171", wit.S8, "f171"),
        wit.Field("f172", wit.U16, "f172"),
        wit.Field("f173", wit.S32, "f173"),
        wit.Field("f174", wit.U64, "f174"),
        wit.Field("f175", wit.F32, "f175"),
        wit.Field("f176", wit.F64, "f176"),
        wit.Field("f177", wit.STRING, "f177"),
        wit.Field("f178", wit.BYTES, "f178"),
        wit.Field("f179", wit.List(wit.S16), "f179"),
        wit.Field("f180", wit.BOOL, "f180"),
        wit.Field("f181", wit.S8, "f181"),
        wit.Field("f182", wit.U16, "f182"),
        wit.Field("f183", wit.S32, "f183"),
        wit.Field("f184", wit.U64, "f184"),
        wit.Field("f185", wit.F32, "f185"),
        wit.Field("f186", wit.F64, "f186"),
        wit.Field("f187", wit.STRING, "f187"),
        wit.Field("f188", wit.BYTES, "f188"),
        wit.Field("f189", wit.List(wit.S16), "f189"),
        wit.Field("f190", wit.BOOL, "f190"),
        wit.Field("f191", wit.S8, "f191"),
        wit.Field("f192", wit.U16, "f192"),
        wit.Field("f193", wit.S32, "f193"),
        wit.Field("f194", wit.U64, "f194"),
        wit.Field("f195", wit.F32, "f195"),
        wit.Field("f196", wit.F64, "f196"),
        wit.Field("f197", wit.STRING, "f197"),
        wit.Field("f198", wit.BYTES, "f198"),
        wit.Field("f199", wit.List(wit.S16), "f199"),
        wit.Field("f200", wit.BOOL, "f200"),
        wit.Field("f201", wit.S8, "f201"),
        wit.Field("f202", wit.U16, "f202"),
        wit.Field("f203", wit.S32, "f203"),
        wit.Field("f204", wit.U64, "f204"),
        wit.Field("f205", wit.F32, "f205"),
        wit.Field("f206", wit.F64, "f206"),
        wit.Field("f207", wit.STRING, "f207"),
        wit.Field("f208", wit.BYTES, "f208"),
        wit.Field("f209", wit.List(wit.S16), "f209"),
        wit.Field("f210", wit.BOOL, "f210"),
        wit.Field("f211", wit.S8, "f211"),
        wit.Field("f212", wit.U16, "f212"),
        wit.Field("f213", wit.S32, "f213"),
        wit.Field("f214", wit.U64, "f214"),
        wit.Field("f215", wit.F32, "f215"),
        wit.Field("f216", wit.F64, "f216"),
        wit.Field("f217", wit.STRING, "f217"),
        wit.Field("f218", wit.BYTES, "f218"),
        wit.Field("f219", wit.List(wit.S16), "f219"),
        wit.Field("f220", wit.BOOL, "f220"),
        wit.Field("f221", wit.S8, "f221"),
        wit.Field("f222", wit.U16, "f222"),
        wit.Field("f223", wit.S32, "f223"),
        wit.Field("f224", wit.U64, "f224"),
        wit.Field("f225", wit.F32, "f225"),
        wit.Field("f226", wit.F64, "f226"),
        wit.Field("f227", wit.STRING, "f227"),
        wit.Field("f228", wit.BYTES, "f228"),
        wit.Field("f229", wit.List(wit.S16), "f229"),
        wit.Field("f230", wit.BOOL, "f230"),
        wit.Field("f231", wit.S8, "f231"),
        wit.Field("f232", wit.U16, "f232"),
        wit.Field("f233", wit.S32, "f233"),
        wit.Field("f234", wit.U64, "f234"),
        wit.Field("f235", wit.F32, "f235"),
        wit.Field("f236", wit.F64, "f236"),
        wit.Field("f237", wit.STRING, "f237"),
        wit.Field("f238", wit.BYTES, "f238"),
        wit.Field("f239", wit.List(wit.S16), "f239"),
        wit.Field("f240", wit.BOOL, "f240"),
        wit.Field("f241", wit.S8, "f241"),
        wit.Field("f242", wit.U16, "f242"),
        wit.Field("f243", wit.S32, "f243"),
        wit.Field("f244", wit.U64, "f244"),
        wit.Field("f245", wit.F32, "f245"),
        wit.Field("f246", wit.F64, "f246"),
        wit.Field("f247", wit.STRING, "f247"),
        wit.Field("f248", wit.BYTES, "f248"),
        wit.Field("f249", wit.List(wit.S16), "f249"),
        wit.Field("f250", wit.BOOL, "f250"),
        wit.Field("f251", wit.S8, "f251"),
        wit.Field("f252", wit.U16, "f252"),
        wit.Field("f253", wit.S32, "f253"),
        wit.Field("f254", wit.U64, "f254"),
        wit.Field("f255", wit.F32, "f255"),
        wit.Field("f256", wit.F64, "f256"),
        wit.Field("f257", wit.STRING, "f257"),
        wit.Field("f258", wit.BYTES, "f258"),
        wit.Field("f259", wit.List(wit.S16), "f259"),
        wit.Field("f260", wit.BOOL, "f260"),
        wit.Field("f261", wit.S8, "f261"),
        wit.Field("f262", wit.U16, "f262"),
        wit.Field("f263", wit.S32, "f263"),
        wit.Field("f264", wit.U64, "f264"),
        wit.Field("f265", wit.F32, "f265"),
        wit.Field("f266", wit.F64, "f266"),
        wit.Field("f267", wit.STRING, "f267"),
        wit.Field("f268", wit.BYTES, "f268"),
        wit.Field("f269", wit.List(wit.S16), "f269"),
        wit.Field("f270", wit.BOOL, "f270"),
        wit.Field("f271", wit.S8, "f271"),
        wit.Field("f272", wit.U16, "f272"),
        wit.Field("f273", wit.S32, "f273"),
        wit.Field("f274", wit.U64, "f274"),
        wit.Field("f275", wit.F32, "f275"),
        wit.Field("f276", wit.F64, "f276"),
        wit.Field("f277", wit.STRING, "f277"),
        wit.Field("f278", wit.BYTES, "f278"),
        wit.Field("f279", wit.List(wit.S16), "f279"),
        wit.Field("f280", wit.BOOL, "f280"),
        wit.Field("f281", wit.S8, "f281"),
        wit.Field("f282", wit.U16, "f282"),
        wit.Field("f283", wit.S32, "f283"),
        wit.Field("f284", wit.U64, "f284"),
        wit.Field("f285", wit.F32, "f285"),
        wit.Field("f286", wit.F64, "f286"),
        wit.Field("f287", wit.STRING, "f287"),
        wit.Field("f288", wit.BYTES, "f288"),
        wit.Field("f289", wit.List(wit.S16), "f289"),
        wit.Field("f290", wit.BOOL, "f290"),
        wit.Field("f291", wit.S8, "f291"),
        wit.Field("f292", wit.U16, "f292"),
        wit.Field("f293", wit.S32, "f293"),
        wit.Field("f294", wit.U64, "f294"),
        wit.Field("f295", wit.F32, "f295"),
        wit.Field("f296", wit.F64, "f296"),
        wit.Field("f297", wit.STRING, "f297"),
        wit.Field("f298", wit.BYTES, "f298"),
        wit.Field("f299", wit.List(wit.S16), "f299"),
        wit.Field("f300", wit.BOOL, "f300"),
        wit.Field("f301", wit.S8, "f301"),
        wit.Field("f302", wit.U16, "f302"),
        wit.Field("f303", wit.S32, "f303"),
        wit.Field("f304", wit.U64, "f304"),
        wit.Field("f305", wit.F32, "f305"),
        wit.Field("f306", wit.F64, "f306"),
        wit.Field("f307", wit.STRING, "f307"),
        wit.Field("f308", wit.BYTES, "f308"),
        wit.Field("f309", wit.List(wit.S16), "f309"),
        wit.Field("f310", wit.BOOL, "f310"),
        wit.Field("f311", wit.S8, "f311"),
        wit.Field("f312", wit.U16, "f312"),
        wit.Field("f313", wit.S32, "f313"),
        wit.Field("f314", wit.U64, "f314"),
        wit.Field("f315", wit.F32, "f315"),
        wit.Field("f316", wit.F64, "f316"),
        wit.Field("f317", wit.STRING, "f317"),
        wit.Field("f318", wit.BYTES, "f318"),
        wit.Field("f319", wit.List(wit.S16), "f319"),
        wit.Field("f320", wit.BOOL, "f320"),
        wit.Field("f321", wit.S8, "f321"),
        wit.Field("f322", wit.U16, "f322"),
        wit.Field("f323", wit.S32, "f323"),
        wit.Field("f324", wit.U64, "f324"),
        wit.Field("f325", wit.F32, "f325"),
        wit.Field("f326", wit.F64, "f326"),
        wit.Field("f327", wit.STRING, "f327"),
        wit.Field("f328", wit.BYTES, "f328"),
        wit.Field("f329", wit.List(wit.S16), "f329"),
        wit.Field("f330", wit.BOOL, "f330"),
        wit.Field("f331", wit.S8, "f331"),
        wit.Field("f332", wit.U16, "f332"),
        wit.Field("f333", wit.S32, "f333"),
        wit.Field("f334", wit.U64, "f334"),
        wit.Field("f335", wit.F32, "f335"),
        wit.Field("f336", wit.F64, "f336"),
        wit.Field("f337", wit.STRING, "f337"),
        wit.Field("f338", wit.BYTES, "f338"),
        wit.Field("f339", wit.List(wit.S16), "f339"),
        wit.Field("f340", wit.BOOL, "f340"),
        wit.Field("f341", wit.S8, "f341"),
        wit.Field("f342", wit.U16, "f342"),
        wit.Field("f343", wit.S32, "f343"),
        wit.Field("f344", wit.U64, "f344"),
        wit.Field("f345", wit.F32, "f345"),
        wit.Field("f346", wit.F64, "f346"),
        wit.Field("f347", wit.STRING, "f347"),
        wit.Field("f348", wit.BYTES, "f348"),
        wit.Field("f349", wit.List(wit.S16), "f349"),
        wit.Field("f350", wit.BOOL, "f350"),
        wit.Field("f351", wit.S8, "f351"),
        wit.Field("f352", wit.U16, "f352"),
        wit.Field("f353", wit.S32, "f353"),
        wit.Field("f354", wit.U64, "f354"),
        wit.Field("f355", wit.F32, "f355"),
        wit.Field("f356", wit.F64, "f356"),
        wit.Field("f357", wit.STRING, "f357"),
        wit.Field("f358", wit.BYTES, "f358"),
        wit.Field("f359", wit.List(wit.S16), "f359"),
        wit.Field("f360", wit.BOOL, "f360"),
        wit.Field("f361", wit.S8, "f361"),
        wit.Field("f362", wit.U16, "f362"),
        wit.Field("f363", wit.S32, "f363"),
        wit.Field("f364", wit.U64, "f364"),
        wit.Field("f365", wit.F32, "f365"),
        wit.Field("f366", wit.F64, "f366"),
        wit.Field("f367", wit.STRING, "f367"),
        wit.Field("f368", wit.BYTES, "f368"),
        wit.Field("f369", wit.List(wit.S16), "f369"),
        wit.Field("f370", wit.BOOL, "f370"),
        wit.Field("f371", wit.S8, "f371"),
        wit.Field("f372", wit.U16, "f372"),
        wit.Field("f373", wit.S32, "f373"),
        wit.Field("f374", wit.U64, "f374"),
        wit.Field("f375", wit.F32, "f375"),
        wit.Field("f376", wit.F64, "f376"),
        wit.Field("f377", wit.STRING, "f377"),
        wit.Field("f378", wit.BYTES, "f378"),
        wit.Field("f379", wit.List(wit.S16), "f379"),
        wit.Field("f380", wit.BOOL, "f380"),
        wit.Field("f381", wit.S8, "f381"),
        wit.Field("f382", wit.U16, "f382"),
        wit.Field("f383", wit.S32, "f383"),
        wit.Field("f384", wit.U64, "f384"),
        wit.Field("f385", wit.F32, "f385"),
        wit.Field("f386", wit.F64, "f386"),
        wit.Field("f387", wit.STRING, "f387"),
        wit.Field("f388", wit.BYTES, "f388"),
        wit.Field("f389", wit.List(wit.S16), "f389"),
        wit.Field("f390", wit.BOOL, "f390"),
        wit.Field("f391", wit.S8, "f391"),
        wit.Field("f392", wit.U16, "f392"),
        wit.Field("f393", wit.S32, "f393"),
        wit.Field("f394", wit.U64, "f394"),
        wit.Field("f395", wit.F32, "f395"),
        wit.Field("f396", wit.F64, "f396"),
        wit.Field("f397", wit.STRING, "f397"),
        wit.Field("f398", wit.BYTES, "f398"),
        wit.Field("f399", wit.List(wit.S16), "f399"),
        wit.Field("f400", wit.BOOL, "f400"),
        wit.Field("f401", wit.S8, "f401"),
        wit.Field("f402", wit.U16, "f402"),
        wit.Field("f403", wit.S32, "f403"),
        wit.Field("f404", wit.U64, "f404"),
        wit.Field("f405", wit.F32, "f405"),
        wit.Field("f406", wit.F64, "f406"),
        wit.Field("f407", wit.STRING, "f407"),
        wit.Field("f408", wit.BYTES, "f408"),
        wit.Field("f409", wit.List(wit.S16), "f409"),
        wit.Field("f410", wit.BOOL, "f410"),
        wit.Field("f411", wit.S8, "f411"),
        wit.Field("f412", wit.U16, "f412"),
        wit.Field("f413", wit.S32, "f413"),
        wit.Field("f414", wit.U64, "f414"),
        wit.Field("f415", wit.F32, "f415"),
        wit.Field("f416", wit.F64, "f416"),
        wit.Field("f417", wit.STRING, "f417"),
        wit.Field("f418", wit.BYTES, "f418"),
        wit.Field("f419", wit.List(wit.S16), "f419"),
        wit.Field("f420", wit.BOOL, "f420"),
        wit.Field("f421", wit.S8, "f421"),
        wit.Field("f422", wit.U16, "f422"),
        wit.Field("f423", wit.S32, "f423"),
        wit.Field("f424", wit.U64, "f424"),
        wit.Field("f425", wit.F32, "f425"),
        wit.Field("f426", wit.F64, "f426"),
        wit.Field("f427", wit.STRING, "f427"),
        wit.Field("f428", wit.BYTES, "f428"),
        wit.Field("f429", wit.List(wit.S16), "f429"),
        wit.Field("f430", wit.BOOL, "f430"),
        wit.Field("f431", wit.S8, "f431"),
        wit.Field("f432", wit.U16, "f432"),
        wit.Field("f433", wit.S32, "f433"),
        wit.Field("f434", wit.U64, "f434"),
        wit.Field("f435", wit.F32, "f435"),
        wit.Field("f436", wit.F64, "f436"),
        wit.Field("f437", wit.STRING, "f437"),
        wit.Field("f438", wit.BYTES, "f438"),
        wit.Field("f439", wit.List(wit.S16), "f439"),
        wit.Field("f440", wit.BOOL, "f440"),
        wit.Field("f441", wit.S8, "f441"),
        wit.Field("f442", wit.U16, "f442"),
        wit.Field("f443", wit.S32, "f443"),
        wit.Field("f444", wit.U64, "f444"),
        wit.Field("f445", wit.F32, "f445"),
        wit.Field("f446", wit.F64, "f446"),
        wit.Field("f447", wit.STRING, "f447"),
        wit.Field("f448", wit.BYTES, "f448"),
        wit.Field("f449", wit.List(wit.S16), "f449"),
        wit.Field("f450", wit.BOOL, "f450"),
        wit.Field("f451", wit.S8, "f451"),
        wit.Field("f452", wit.U16, "f452"),
        wit.Field("f453", wit.S32, "f453"),
        wit.Field("f454", wit.U64, "f454"),
        wit.Field("f455", wit.F32, "f455"),
        wit.Field("f456", wit.F64, "f456"),
        wit.Field("f457", wit.STRING, "f457"),
        wit.Field("f458", wit.BYTES, "f458"),
        wit.Field("f459", wit.List(wit.S16), "f459"),
        wit.Field("f460", wit.BOOL, "f460"),
        wit.Field("f461", wit.S8, "f461"),
        wit.Field("f462", wit.U16, "f462"),
        wit.Field("f463", wit.S32, "f463"),
        wit.Field("f464", wit.U64, "f464"),
        wit.Field("f465", wit.F32, "f465"),
        wit.Field("f466", wit.F64, "f466"),
        wit.Field("f467", wit.STRING, "f467"),
        wit.Field("f468", wit.BYTES, "f468"),
        wit.Field("f469", wit.List(wit.S16), "f469"),
        wit.Field("f470", wit.BOOL, "f470"),
        wit.Field("f471", wit.S8, "f471"),
        wit.Field("f472", wit.U16, "f472"),
        wit.Field("f473", wit.S32, "f473"),
        wit.Field("f474", wit.U64, "f474"),
        wit.Field("f475", wit.F32, "f475"),
        wit.Field("f476", wit.F64, "f476"),
        wit.Field("f477", wit.STRING, "f477"),
        wit.Field("f478", wit.BYTES, "f478"),
        wit.Field("f479", wit.List(wit.S16), "f479"),
        wit.Field("f480", wit.BOOL, "f480"),
        wit.Field("f481", wit.S8, "f481"),
        wit.Field("f482", wit.U16, "f482"),
        wit.Field("f483", wit.S32, "f483"),
        wit.Field("f484", wit.U64, "f484"),
        wit.Field("f485", wit.F32, "f485"),
        wit.Field("f486", wit.F64, "f486"),
        wit.Field("f487", wit.STRING, "f487"),
        wit.Field("f488", wit.BYTES, "f488"),
        wit.Field("f489", wit.List(wit.S16), "f489"),
        wit.Field("f490", wit.BOOL, "f490"),
        wit.Field("f491", wit.S8, "f491"),
        wit.Field("f492", wit.U16, "f492"),
        wit.Field("f493", wit.S32, "f493"),
        wit.Field("f494", wit.U64, "f494"),
        wit.Field("f495", wit.F32, "f495"),
        wit.Field("f496", wit.F64, "f496"),
        wit.Field("f497", wit.STRING, "f497"),
        wit.Field("f498", wit.BYTES, "f498"),
        wit.Field("f499", wit.List(wit.S16), "f499"),
    ),
    Wide,
    "wide",
)
BINDINGS = wit.Bindings(
    package="case:many-fields@0.1.0",
    interface="schema",
    schema=wit.SchemaFile(__name__, "schema.bridge.json", 0xA1B8D2C4E6F01353),
)
