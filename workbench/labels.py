"""The Chinese and English names of columns, codes and modes, in one table for maps, reports and widgets."""

from __future__ import annotations

from typing import Literal

Language = Literal["zh", "en"]

# column or code -> (Chinese, English); units stand in brackets, as in the province's own tables
LABELS: dict[str, tuple[str, str]] = {
    # industries
    "steel": ("钢铁", "Steel"),
    "cement": ("水泥", "Cement"),
    "flat_glass": ("平板玻璃", "Flat glass"),
    "aluminium": ("电解铝", "Aluminium"),
    "coal": ("煤炭", "Coal"),
    # decisions
    "keep": ("保留", "Keep"),
    "close": ("关闭", "Close"),
    "move": ("转移", "Move"),
    # modes
    "rail": ("铁路", "Rail"),
    "road": ("公路", "Road"),
    "water": ("水路", "Waterway"),
    "sea": ("海运", "Sea"),
    "transfer": ("转运", "Transfer"),
    "load": ("装车/装船", "Load"),
    "unload": ("卸车/卸船", "Unload"),
    "haul": ("运行", "Haul"),
    "minimum": ("起码里程补差", "Minimum charge"),
    # confidence
    "high": ("高", "High"),
    "medium": ("中", "Medium"),
    "low": ("低", "Low"),
    "unknown": ("未知", "Unknown"),
    # how a solve ended
    "optimal": ("最优", "optimal"),
    "time limit": ("到时限", "time limit"),
    "cancelled": ("已停止", "cancelled"),
    # may an industry go there
    "free": ("允许", "Allowed"),
    "restricted": ("受限", "Restricted"),
    "excluded": ("禁止", "Excluded"),
    # columns
    "id": ("编号", "Id"),
    "line_id": ("生产线编号", "Line"),
    "plant_id": ("企业编号", "Plant"),
    "build_id": ("新建项目编号", "New build"),
    "site_id": ("承接地编号", "Site"),
    "name_zh": ("名称", "Name (Chinese)"),
    "name_en": ("英文名", "Name (English)"),
    "industry": ("行业", "Industry"),
    "commodity": ("货物", "Commodity"),
    "prefecture_zh": ("市州", "Prefecture"),
    "county_zh": ("区县", "County"),
    "in_zone": ("在成都经济区内", "In the Chengdu zone"),
    "capacity_kt": ("产能（千吨/年）", "Capacity (kt/yr)"),
    "production_kt": ("产量（千吨/年）", "Production (kt/yr)"),
    "decision": ("决定", "Decision"),
    "origin": ("发地", "From"),
    "destination": ("到地", "To"),
    "market": ("市场", "Market"),
    "kind": ("类别", "Kind"),
    "kt": ("数量（千吨/年）", "Quantity (kt/yr)"),
    "vessel_t": ("船舶吨级（吨）", "Vessel (t)"),
    "before_kg": ("现状吸入量（千克/年）", "Breathed in before (kg/yr)"),
    "after_kg": ("方案吸入量（千克/年）", "Breathed in after (kg/yr)"),
    "change_kg": ("变化（千克/年）", "Change (kg/yr)"),
    "before_mg_person": ("现状人均（毫克/年）", "Before, per person (mg/yr)"),
    "after_mg_person": ("方案人均（毫克/年）", "After, per person (mg/yr)"),
    "in_basin": ("成都经济区八市", "In the eight cities"),
    "room_kt": ("可用能力（千吨/年）", "Room left by other traffic (kt/yr)"),
    "uncapped_kt": ("不限能力时流量（千吨/年）", "Flow were there room for all (kt/yr)"),
    "load_share": ("负荷率", "Load (share)"),
    "price_cny_t": ("影子价格（元/吨）", "Shadow price (CNY/t)"),
    "cost_cny_t": ("单位运费（元/吨）", "Freight (CNY/t)"),
    "cost_mcny": ("费用（百万元/年）", "Cost (million CNY/yr)"),
    "inbound_cny_t": ("原燃料到厂运费（元/吨）", "Inbound freight (CNY/t)"),
    "production_cny_t": ("生产成本（元/吨）", "Production cost (CNY/t)"),
    "power_cny_t": ("电费（元/吨）", "Power cost (CNY/t)"),
    "power_kwh_t": ("电耗（千瓦时/吨）", "Power use (kWh/t)"),
    "co2_kg_t": ("运输碳排放（千克/吨）", "Freight CO2 (kg/t)"),
    "co2_process_kg_t": ("过程碳排放（千克/吨）", "Process CO2 (kg/t)"),
    "hours": ("在途时间（小时）", "Hours under way"),
    "km": ("运距（公里）", "Distance (km)"),
    "km_rail": ("其中铁路（公里）", "of which rail (km)"),
    "km_road": ("其中公路（公里）", "of which road (km)"),
    "km_water": ("其中水路（公里）", "of which waterway (km)"),
    "km_sea": ("其中海运（公里）", "of which sea (km)"),
    "jobs": ("职工（人）", "Jobs"),
    "located_kt": ("已定位产能（千吨/年）", "Located capacity (kt/yr)"),
    "unlocated_kt": ("未定位产能（千吨/年）", "Unlocated capacity (kt/yr)"),
    "normal_utilisation": ("正常产能利用率", "Normal utilisation"),
    "supply_kt": ("正常产量（千吨/年）", "Output in normal use (kt/yr)"),
    "demand_kt": ("区内需求（千吨/年）", "Demand of the zone (kt/yr)"),
    "surplus_kt": ("过剩（千吨/年）", "Surplus (kt/yr)"),
    "reduction_kt": ("应退出产能（千吨/年）", "Capacity to leave (kt/yr)"),
    "assumptions": ("所用假设", "Assumptions used"),
    "lon": ("经度（WGS-84）", "Longitude (WGS-84)"),
    "lat": ("纬度（WGS-84）", "Latitude (WGS-84)"),
    "mode": ("运输方式", "Mode"),
    "line": ("线路", "Line"),
    "from_id": ("起点", "From node"),
    "to_id": ("终点", "To node"),
    "seq": ("序号", "Leg"),
    "value": ("数值", "Value"),
    "unit": ("单位", "Unit"),
    "reason": ("理由", "Reason"),
    "source": ("来源", "Source"),
    "title": ("题名", "Title"),
    "publisher": ("发布者", "Publisher"),
    "date": ("日期", "Date"),
    "licence": ("许可", "Licence"),
    "confidence": ("可信度", "Confidence"),
    "before": ("现状", "Before"),
    "after": ("方案", "After"),
    "change": ("变化", "Change"),
    "clause": ("条款", "Clause"),
    "verdict": ("结论", "Verdict"),
    "amount": ("数量", "Amount"),
    "margin": ("余量", "Margin"),
    "evidence": ("依据", "Evidence"),
    "rank": ("名次", "Rank"),
    "score": ("得分", "Score"),
    "freight_cny_t": ("进出运费（元/吨产品）", "Freight in and out (CNY/t of product)"),
    "clauses": ("条款（全部）", "Clauses (all)"),
    "reasons": ("理由数", "Reasons"),
    "reason_zh": ("理由（中文）", "Reason (Chinese)"),
    "reason_en": ("理由（英文）", "Reason (English)"),
    "distance_m": ("距离（米）", "Distance (m)"),
    "buffer_m": ("防护距离（米）", "Protective distance (m)"),
    "missing_m": ("尚差（米）", "Missing (m)"),
    "approximate": ("范围为近似", "Approximate extent"),
    "nearest_zh": ("最近可行地点（中文）", "Nearest that would do (Chinese)"),
    "nearest_en": ("最近可行地点（英文）", "Nearest that would do (English)"),
    "lift_zh": ("有利（中文）", "In its favour (Chinese)"),
    "lift_en": ("有利（英文）", "In its favour (English)"),
    "hold_zh": ("不利（中文）", "Against it (Chinese)"),
    "hold_en": ("不利（英文）", "Against it (English)"),
    "rule_id": ("规则", "Rule"),
    "zone_id": ("保护对象编号", "Zone id"),
    "zone_zh": ("保护对象", "Zone"),
    "hard": ("禁止性", "Forbids"),
    "advisory": ("仅提示", "Advice only"),
    "forbids": ("禁止", "Forbids"),
    "restricts": ("受限", "Restricts"),
    "advises": ("提示", "Advises"),
    "group": ("准则组", "Group"),
    "criterion": ("准则", "Criterion"),
    "than": ("对比准则", "Than"),
    "times": ("重要倍数", "Times as important"),
    "weight": ("权重", "Weight"),
    "consistency_ratio": ("一致性比率", "Consistency ratio"),
    "pass": ("符合", "Pass"),
    "fail": ("不符合", "Fail"),
}

UNITS: dict[str, str] = {
    "kt": "千吨",
    "share": "比率",
    "million CNY": "百万元",
    "CNY/t": "元/吨",
    "million t-km": "百万吨公里",
    "persons": "人",
    "items": "项",
}


def unit(name: str, language: Language = "zh") -> str:
    """Return a unit of an indicator as a reader writes it; symbols such as GWh are the same in both."""
    return UNITS.get(name, name) if language == "zh" else name


def label(name: str, language: Language = "zh") -> str:
    """Return the name a reader sees for a column or code; an unknown one is returned as it is."""
    zh, en = LABELS.get(name, (name, name))
    return zh if language == "zh" else en


def both(name: str) -> str:
    """Return ``中文 English`` for headings read by both; an unknown name is returned once."""
    zh, en = LABELS.get(name, (name, name))
    return zh if zh == en else f"{zh} {en}"
