"""Words, and texts made of them: names of companies, people and things, sentences, in Chinese and in Latin letters."""

from __future__ import annotations

from random import Random

CITIES = [
    "上海", "北京", "广州", "深圳", "杭州", "南京", "苏州", "成都", "武汉", "西安", "青岛", "厦门", "台北", "高雄",
    "新竹", "臺中",
]  # fmt: skip
STEMS = [
    "启明", "瑞丰", "恒信", "博远", "天成", "华睿", "金桥", "盛世", "宏图", "嘉禾", "云帆", "卓越", "众合", "新源",
    "海川", "智联", "安和", "百川", "泰格", "明德", "鼎力", "通达", "凌云", "景行", "乐享", "佳信", "蓝图", "星辰",
    "绿源", "同创", "万合", "欣荣", "思源", "飞跃", "优品", "长青", "康宁", "禾丰", "君悦", "汇通",
]  # fmt: skip
TRADES = [
    "软件", "信息技术", "电子科技", "装备制造", "精密机械", "食品", "商贸", "供应链管理", "生物医药", "文化传媒",
    "建筑设计", "物流",
]  # fmt: skip
SUFFIXES = [
    "有限公司", "股份有限公司", "集团", "工作室", "事务所",
]  # fmt: skip
SURNAMES = [
    "李", "王", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "马", "朱", "胡", "林", "郭", "何", "高",
    "罗",
]  # fmt: skip
GIVEN = [
    "伟", "芳", "娜", "敏", "静", "强", "磊", "洋", "艳", "勇", "军", "杰", "娟", "涛", "超", "明", "霞", "秀英",
    "志强", "建华", "文婷", "思远", "雨桐", "子涵", "浩然", "欣怡",
]  # fmt: skip
CLAUSES = [
    "希望统一管理各分公司的客户资料", "现有系统无法对接，计划更换", "需要移动端签到和拜访记录",
    "报价单要能按折扣自动计算", "下周二上门演示", "已发送合同草稿，等待法务确认", "对交付周期有疑问",
    "预算在第四季度批复", "联系人近期出差，改为电话沟通", "样品已签收，反馈良好", "付款方式改为月结",
    "要求提供三家以上的参考案例", "旧数据约二十万条，需要迁移", "审批流程有五个环节", "售后响应时间不超过四小时",
]  # fmt: skip
LATIN = [
    "apex", "harbor", "meridian", "northwind", "cobalt", "lantern", "quarry", "summit", "willow", "orchard",
    "granite", "beacon", "prairie", "falcon", "cedar", "atlas", "juniper", "mosaic", "nimbus", "ripple", "sterling",
    "tundra", "velvet", "zenith",
]  # fmt: skip


def short_text(chance: Random) -> str:
    """A name of a company, a person or a thing."""
    kind = chance.randrange(10)
    if kind < 5:
        parts = (chance.choice(CITIES), chance.choice(STEMS), chance.choice(TRADES), chance.choice(SUFFIXES))
        return "".join(parts)
    if kind < 7:
        return chance.choice(SURNAMES) + chance.choice(GIVEN)
    if kind < 8:
        return f"{chance.choice(LATIN).title()} {chance.choice(LATIN)} {chance.randrange(1000):03d}"
    return f"{chance.choice(STEMS)}{chance.choice(TRADES)}-{chance.randrange(10**6):06d}"


def long_text(chance: Random) -> str:
    """A few sentences on several lines."""
    return "\n".join("，".join(chance.sample(CLAUSES, 2)) + "。" for _line in range(chance.randint(1, 4)))


def latin_word(chance: Random) -> str:
    """Letters that an address may hold."""
    return f"{chance.choice(LATIN)}{chance.randrange(10**6)}"
