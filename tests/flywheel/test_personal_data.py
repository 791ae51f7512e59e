"""What counts as personal data, in both languages; and that facts, sums and programs are left as they are."""

from __future__ import annotations

import random
import re
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moss.flywheel.checksums import is_card_number, is_citizen_number
from moss.flywheel.personal_data import find_personal_data
from moss.recipes.nano.documents import pretraining_documents
from moss.recipes.nano.drills import drill

MARKED = re.compile(r"⟦([A-Z]+) (.*?)⟧", re.DOTALL)

PERSONAL = (
    # Phones
    "我的手机号是⟦PHONE 13812345678⟧，请打给我",
    "联系方式：⟦PHONE 139-1234-5678⟧ 或 ⟦PHONE 138 0013 8000⟧",
    "Call me at ⟦PHONE +1 (415) 555-2671⟧ or ⟦PHONE 415-555-2671⟧.",
    "His number is ⟦PHONE +44 20 7946 0958⟧, hers ⟦PHONE +49 151 23456789⟧",
    "办公室座机 ⟦PHONE 010-62781234⟧，分机 ⟦PHONE (021)65432100-8012⟧",
    "⟦PHONE +86 138 1234 5678⟧ is mine",
    "电话：⟦PHONE 6278 1234⟧",
    # E-mail, accounts
    "写信到⟦EMAIL zhang.wei@mail.example.com.cn⟧就行",
    "Mail <⟦EMAIL j.doe+news@example.co.uk⟧>, please",
    "我的QQ号是⟦ACCOUNT 123456789⟧，微信号：⟦ACCOUNT zhangwei_88⟧",
    "Add me on WeChat: ⟦ACCOUNT lily-2001⟧",
    # Numbers of people
    "身份证号⟦ID 11010519491231002X⟧",
    "身份证号码 ⟦ID 440524 18800101 0014⟧",
    "旧身份证是⟦ID 110105491231002⟧",
    "银行卡号：⟦CARD 6222021234567890128⟧",
    "my card is ⟦CARD 4111 1111 1111 1111⟧, exp 12/27",
    "Amex ⟦CARD 3782-822463-10005⟧",
    "护照号码是⟦PASSPORT E12345678⟧",
    "Passport no. ⟦PASSPORT 533380006⟧ was stolen",
    # Vehicles, machines
    "车牌⟦PLATE 京A12345⟧，新能源⟦PLATE 粤BD12345⟧和⟦PLATE 沪A·D1234F⟧",
    "警车⟦PLATE 京A1234警⟧停在门口",
    "Server ⟦IP 203.0.113.9⟧ and ⟦IP 2001:db8:85a3::8a2e:370:7334⟧",
    "MAC ⟦MAC 00:1A:2B:3C:4D:5E⟧ or ⟦MAC 00-1a-2b-3c-4d-5e⟧",
    # Secrets
    "open ⟦URL https://example.com/cb?state=1&access_token=abcdef123456⟧ now",
    "⟦URL postgres://moss:secret@db.example.com/moss⟧",
    "OPENAI_API_KEY=⟦KEY sk-proj-abcdefGHIJ1234567890⟧",
    "aws ⟦KEY AKIAIOSFODNN7EXAMPLE⟧ leaked",
    "我的ＱＱ：⟦ACCOUNT １２３４５６７８９⟧，手机：⟦PHONE １３８１２３４５６７８⟧",
    "我的密码是⟦KEY hunter22⟧",
    '{"password": "⟦KEY s3cret!pass⟧"}',
    "Authorization: Bearer ⟦KEY abc.DEF-123_456789xyz⟧",
    "⟦KEY ghp_16C7e42F292c6912E7710c838347Ae178B4a⟧",
    "token ⟦KEY q8ZfT3nX0vKp7LwRb2Yc5HsJd9MgAe4UxQi6⟧ is here",
    "⟦KEY -----BEGIN PRIVATE KEY-----\nMIIEvQ\n-----END PRIVATE KEY-----⟧",
    # Addresses
    "我住在⟦ADDRESS 北京市朝阳区建国路88号3号楼1202室⟧",
    "地址：⟦ADDRESS 广东省深圳市南山区科技园南路12号A座501室⟧，谢谢",
    "快递寄到⟦ADDRESS 上海市浦东新区张江镇⟧",
    "I live at ⟦ADDRESS 221B Baker Street⟧ with my dog",
    "Ship it to ⟦ADDRESS 742 Evergreen Terrace, Springfield, OR 97403⟧.",
    "⟦ADDRESS 350 Fifth Avenue, Apt 4B⟧ is home",
    "我在坐标 ⟦LOCATION 39.90420, 116.40740⟧",
    "My location: ⟦LOCATION 40.7128° N, 74.0060° W⟧",
    # Names
    "我叫⟦NAME 张伟⟧，今年30岁",
    "大家好，我的名字是⟦NAME 欧阳娜娜⟧。",
    "我妈妈叫⟦NAME 李秀英⟧，住院了",
    "联系人：⟦NAME 王小明⟧",
    "请转告⟦NAME 王⟧老师",
    "我姓⟦NAME 刘⟧，叫⟦NAME 德海⟧",
    "My name is ⟦NAME John Smith⟧ and I need help",
    "I'm ⟦NAME David Miller⟧.",
    "Dear ⟦NAME Alice⟧,\nthank you.\nBest regards",
    "Ask Mr. ⟦NAME Brown⟧ or Dr ⟦NAME Garcia⟧",
    "my wife is called ⟦NAME Susan⟧",
    "Thanks,\n⟦NAME Robert J. Parker⟧",
    # Days of birth
    "我的生日是⟦BIRTHDATE 1990年5月4日⟧",
    "出生日期：⟦BIRTHDATE 1988-08-08⟧",
    "I was born on ⟦BIRTHDATE 4 May 1990⟧",
    "DOB: ⟦BIRTHDATE 05/04/1990⟧",
    "My birthday is ⟦BIRTHDATE March 14⟧",
)  # fmt: skip

NOT_PERSONAL = (
    "37*48+5=1781",
    "What is 13812345678 * 2?",
    "13800138000+1等于多少",
    "x = 13912345678",
    "Compute the product 4111111111111111 * 3",
    "圆周率是3.14159265358979323846",
    "The sum of 6222021234567890128 and 1 is even",
    "价格是4111元，一共买了138个",
    "In 1949 and 2026-11-21 at 12:30:45",
    "The population is 1,380,013,800.",
    "Einstein was born on 14 March 1879 in Ulm.",
    "鲁迅生于1881年9月25日，原名周树人",
    "鲁迅先生的作品",
    "任何同学都可以参加，如何老师才满意",
    "我是学生，我是中国人，我是程序员",
    "我是高兴的",
    "I'm Chinese and I am happy. This is Python. Call me later!",
    "Dear Sir or Madam, Hello World!",
    "The Street View, the 5 Star Hotel",
    "Paris is at 48.86, 2.35",
    "version 1.2.3.4 on 127.0.0.1 with mask 255.255.255.0",
    "std::vector<int> v; a::b::c; dead::beef",
    "commit 3fac5508c1f4e6b7a9d0e2f3c4b5a697887766ff",
    "sha256 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "The password is forgotten and the token is invalid",
    "https://example.com/page?id=5&lang=en",
    "请记住：冰岛的电话区号是+354。",
    "第5号房间，3号线，8路公交车",
    "2x + 3 = 11, x^2 - 5x + 6 = 0",
    "def f(a, b): return a[1:2] + b[::2]",
    "0.12345, 0.67890, 0.11111 are the weights",
    "QQ is a messenger; 微信是腾讯的产品",
    "护照和签证有什么区别？",
    "1/2 + 1/3 = 5/6；10 - 3 - 4 = 3",
    "ISBN 978-7-02-000872-9",
    "<|1|>: 'Paris is the capital of France.'",
    "北京是中国的首都，长安街很长",
)


@pytest.mark.parametrize("marked", PERSONAL)
def test_what_is_personal_is_found_with_its_type_and_place(marked: str) -> None:
    text = MARKED.sub(lambda match: match[2], marked)
    found = [(span.type, text[span.start : span.end]) for span in find_personal_data(text)]
    assert found == [(match[1], match[2]) for match in MARKED.finditer(marked)]


@pytest.mark.parametrize("text", NOT_PERSONAL)
def test_what_is_not_personal_is_left_alone(text: str) -> None:
    assert [(span.type, text[span.start : span.end]) for span in find_personal_data(text)] == []


def test_thousands_of_texts_of_the_nano_world_stay_as_they_are() -> None:
    rng = random.Random(11)
    texts = [text for text, _ in islice(pretraining_documents(rng), 400)]
    texts += [drill(rng, rng.choice(("en", "zh"))) for _ in range(500)]
    assert sum(len(re.findall(r"[.。？?!！\n]", text)) for text in texts) > 3000
    damaged = [text[span.start : span.end] for text in texts for span in find_personal_data(text)]
    assert damaged == []


@given(st.text(max_size=300))
def test_spans_are_in_order_and_inside_any_text(text: str) -> None:
    spans = find_personal_data(text)
    assert all(0 <= span.start < span.end <= len(text) for span in spans)
    assert all(one.end <= other.start for one, other in pairwise(spans))


@pytest.mark.parametrize(
    "text", ["1 " * 20_000, "a@" * 20_000, "+1" * 20_000, "省市区路" * 2_000, "A1-" * 10_000, "::" * 9_000]
)
def test_no_text_takes_long(text: str) -> None:
    """A text of 40,000 characters that a pattern could go back and forth in; it would hang, not be slow."""
    find_personal_data(text)


def test_check_digits() -> None:
    assert is_citizen_number("11010519491231002X")
    assert not is_citizen_number("110105194912310021")
    assert not is_citizen_number("11010519491331002X")
    assert is_card_number("4111 1111 1111 1111")
    assert not is_card_number("4111 1111 1111 1112")
    assert not is_card_number("1234567812345670")
