"""The layers a planner may bring, column by column: meaning, unit, range, and the names files use for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from workbench.errors import LabelError
from workbench.layers.repair import Family

FieldType = Literal["text", "number", "year", "flag", "choice", "prefecture"]
INDUSTRIES = ("steel", "cement", "flat_glass", "aluminium", "coal")


@dataclass(frozen=True)
class Field:
    """One column: its type, house unit, allowed range or choices, and other names it goes by.

    `unit_into` names the text column that keeps the unit, where a column may hold several units (t/d, m3, kA).
    """

    name: str
    type: FieldType = "text"
    required: bool = False
    unit: str | None = None
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    unit_into: str | None = None


@dataclass(frozen=True)
class Kind:
    """One importable layer: its name in the baseline, geometry family (None for a table) and columns."""

    name: str
    title_zh: str
    geometry: Family | None
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field:
        """Find a column by its house name. Raises LabelError."""
        for each in self.fields:
            if each.name == name:
                return each
        raise LabelError(f"{self.name} has no column {name!r}", [name], [each.name for each in self.fields])


def _year(name: str, *also: str) -> Field:
    return Field(name, "year", low=1850, high=2060, also=also)


_ID = Field("id", also=("编号", "代码", "序号编号", "企业编号", "code"))
_ZH = Field(
    "name_zh", required=True, also=("名称", "企业名称", "单位名称", "项目名称", "全称", "name", "title")
)
_EN = Field("name_en", also=("英文名", "英文名称", "english name"))
_PREFECTURE = Field("prefecture_zh", "prefecture", also=("市州", "市", "地市", "所在市", "所在市州", "市（州）",
                    "地级市", "city", "city_zh", "prefecture"))  # fmt: skip
_COUNTY = Field("county_zh", also=("区县", "县", "所在县", "县（市、区）", "县区", "所在区县", "county"))
_SOURCE = Field("source", also=("来源", "数据来源", "出处"))
_CONFIDENCE = Field("confidence", "choice", choices=("high", "medium", "low"), also=("可信度", "置信度"))
_NOTE = Field("note", also=("备注", "说明", "注", "remarks", "remark"))
_PLACE = (_PREFECTURE, _COUNTY)
_ORIGIN = (_SOURCE, _CONFIDENCE, _NOTE)
_INDUSTRY = Field(
    "industry", "choice", required=True, choices=INDUSTRIES, also=("行业", "产业", "所属行业", "sector")
)
_CAPACITY = Field("capacity_kt", "number", unit="kt", low=0,
                  also=("产能", "生产能力", "设计产能", "年产能", "核定产能", "规模", "capacity"))  # fmt: skip
_SIZE = Field(
    "size",
    "number",
    low=0,
    unit_into="size_unit",
    also=("装备规模", "单线规模", "窑规模", "炉容", "熟料规模"),
)
LONGITUDE = ("lon", "lng", "long", "longitude", "经度", "东经", "x", "x坐标", "横坐标", "东坐标", "point_x")
LATITUDE = ("lat", "latitude", "纬度", "北纬", "y", "y坐标", "纵坐标", "北坐标", "point_y")
WKT = ("wkt", "geometry", "geom", "几何", "the_geom")
CRS_COLUMN = ("crs", "坐标系", "坐标系统", "坐标参考系", "epsg", "srs")

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("plants", "企业", "point", (
            _ID, _ZH, _EN, Field("owner", also=("所属集团", "集团", "业主", "企业集团", "company")), _INDUSTRY,
            Field("product", also=("产品", "主要产品")), *_PLACE, _CAPACITY,
            Field("capacity_note", also=("产能说明",)), Field("status_2014", also=("状态", "运行状态", "status")),
            Field("in_baseline", "flag", also=("计入基准",)),
            Field("coord_precision", also=("坐标精度",)),
            _year("commissioned_year", "投产年份", "投产时间", "建成年份", "投产年", "commissioned", "start year"),
            *_ORIGIN)),
        Kind("lines", "生产线", "point", (
            Field("id", also=("生产线编号", "编号", "line_id")),
            Field("plant_id", required=True, also=("企业编号", "工厂编号", "所属企业编号")),
            Field("name_zh", also=_ZH.also + ("生产线名称", "生产线")), _INDUSTRY,
            Field("process", also=("工艺", "工艺类型", "生产工艺")), _CAPACITY, _SIZE,
            Field("size_unit", also=("规模单位", "单位")), _year("start_year", "投产年份", "投产时间", "投产年"),
            Field("line_basis"), Field("in_baseline", "flag", also=("计入基准",)), *_PLACE, *_ORIGIN)),
        Kind("sites", "承接地", "point", (
            _ID, Field("kind", "choice", required=True, choices=("park", "expansion", "brownfield"),
                       also=("类别", "类型", "承接地类型")), _ZH, _EN, *_PLACE,
            Field("industries", also=("产业", "可承接行业", "主导产业")), Field("plant_id", also=("企业编号",)),
            Field("park_id", also=("园区编号",)),
            Field("area_km2", "number", unit="km2", low=0, also=("面积", "规划面积", "占地面积", "area")),
            Field("enclave", "flag", also=("飞地", "飞地园区")), *_ORIGIN)),
        Kind("ecology", "生态敏感区", "polygon", (
            _ID, _ZH, Field("category", required=True, also=("类别", "类型", "保护类型", "红线类型", "category_zh")),
            Field("level", also=("级别", "保护级别", "等级")), *_PLACE,
            Field("area_km2", "number", unit="km2", low=0, also=("面积", "保护面积", "总面积", "area")),
            _year("established", "设立年份", "批建时间", "建立年份"), Field("approximate", "flag", also=("近似",)),
            Field("shape_basis", also=("边界依据",)), *_ORIGIN)),
        Kind("hydropower", "水电站", "point", (
            _ID, _ZH, _EN, Field("river", also=("河流", "所在河流", "流域")), *_PLACE,
            Field("mw_full", "number", unit="MW", low=0, also=("装机容量", "总装机", "装机", "capacity")),
            Field("mw_2014", "number", unit="MW", low=0, also=("2014年底投产装机", "已投产装机", "在役装机")),
            Field("annual_gwh", "number", unit="GWh", low=0, also=("年发电量", "设计年发电量", "多年平均发电量")),
            Field("market", "choice", choices=("local", "export"), also=("消纳", "送电方向", "市场")),
            Field("market_note", also=("消纳说明",)), Field("regulation", also=("调节性能", "调节能力")),
            Field("status_2014", also=("状态", "运行状态")), *_ORIGIN)),
        Kind("resources", "原燃料", "point", (
            _ID, Field("resource", required=True, also=("资源", "品种", "矿种", "资源类型")), _ZH, _EN, *_PLACE,
            _CAPACITY, Field("gateway", "flag", also=("门户", "进口门户")), *_ORIGIN)),
        Kind("markets", "市场", "point", (
            _ID, Field("kind", "choice", choices=("prefecture", "outside", "export"), also=("类别", "类型")),
            _ZH, _EN, *_PLACE, *_ORIGIN)),
        Kind("freight_nodes", "货运节点", "point", (
            _ID, _ZH, _EN, Field("type", required=True, also=("类型", "节点类型", "类别")),
            Field("province", also=("省", "省份")), *_PLACE, *_ORIGIN)),
        Kind("freight_links", "货运线路", "line", (
            _ID, Field("from_id", required=True, also=("起点", "起点编号", "from")),
            Field("to_id", required=True, also=("终点", "终点编号", "to")),
            Field("mode", "choice", required=True, choices=("rail", "road", "water", "transfer", "sea"),
                  also=("方式", "运输方式")), Field("line", also=("线路", "线名", "线路名称")),
            Field("distance_km", "number", required=True, unit="km", low=0, also=("里程", "距离", "运距", "distance")),
            Field("infrastructure", also=("设施等级", "等级")), Field("electrified", "flag", also=("电气化",)),
            Field("capacity_mt", "number", unit="Mt", low=0, also=("通过能力", "运能", "capacity")),
            Field("status_2014", also=("状态",)), Field("open_2014", "flag", also=("2014年开通",)),
            _year("opened_year", "开通年份", "通车年份"), *_ORIGIN)),
        Kind("boundaries", "行政区界线", "polygon", (
            _ID, Field("name_zh", also=_ZH.also), _EN, Field("level", also=("级别",)), _PREFECTURE,
            Field("area_km2", "number", unit="km2", low=0, also=("面积",)), *_ORIGIN)),
    )
}  # fmt: skip


def kind_of(name: str) -> Kind:
    """Find an importable layer by name. Raises LabelError with the names there are."""
    if name not in KINDS:
        raise LabelError(f"no importable layer {name!r}; there are {', '.join(KINDS)}")
    return KINDS[name]
