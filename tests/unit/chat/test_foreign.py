"""Languages told apart: what young people write in shipped languages, and what counts as English."""

from __future__ import annotations

import pytest

from bot.chat.foreign import Recogniser
from bot.content import Content
from bot.settings import ROOT

THEIRS = {
    "es": ["no sé qué hacer con mi novio, tengo mucho miedo", "me da miedo porque ya no me dejan salir de casa sola"],
    "fr": ["je ne sais pas quoi faire, j'ai peur de lui", "il a mes photos et il dit que je dois payer"],
    "pt": ["não sei o que fazer, estou com muito medo dele", "ele disse que vai mostrar as fotos para minha mãe"],
    "ar": ["أنا خائفة جداً ولا أعرف ماذا أفعل مع هذا الرجل", "مش عارفة اعمل ايه هو بيهددني كل يوم بجد"],
    "hi": ["मुझे बहुत डर लग रहा है मैं क्या करूँ", "वह मुझसे बार बार मेरी तस्वीर माँग रहा है"],
    "tl": ["hindi ko alam ang gagawin ko natatakot po ako sa kanya", "gusto niya akong makita bukas pero ayaw ko talaga"],
    "sw": ["sijui nifanye nini naogopa sana yule mtu ananitafuta", "mama yangu hajui kwamba yule mtu anataka picha zangu"],
    "uk": ["я не знаю що робити мені дуже страшно зараз", "він каже що покаже мої фото всім якщо я не заплачу"],
    "ru": ["я не знаю что делать мне очень страшно сейчас", "он говорит что покажет мои фото всем если я не заплачу"],
    "de": ["ich weiß nicht was ich machen soll ich habe angst", "er sagt dass er die bilder an alle aus meiner schule schickt"],
    "pl": ["nie wiem co mam robić bardzo się boję jego", "on mówi że wyśle moje zdjęcia do wszystkich w szkole"],
    "tr": ["ne yapacağımı bilmiyorum çok korkuyorum bana yardım edin lütfen",
           "benim fotoğraflarımı okulda herkese göstereceğini söylüyor ve çok korkuyorum"],
}  # fmt: skip
ENGLISH = [
    "i dont know wat to do he has my pics n says hell send them",
    "abeg una help me, dis man dey disturb me since and i no know wetin to do",
    "mi nah know weh fi do, di man dem inna di yard a watch mi",
    "yaar mujhe samajh nahi aa raha kya karu wo photo maang raha hai mujhse",
    "nag-send ako ng pic sa guy online tapos now he wants more, what should i do po",
    "ese man me sent pics and now he wants mine, que hago help",
    "sijui what to do, this guy anataka nimtumie pics and im scared",
    "bruh lah this uncle ask me go his house leh, how sia",
    "omg omg omg omg lol lol hahaha hahaha",
    "asdf jkl qwer zxcv mnbv poiu lkjh fdsa",
    "Jose Maria Garcia Lopez Fernandez Rodriguez Martinez Sanchez",
    "https://es.wikipedia.org/wiki/Que_es_el_amor",
    "12345 67890",
    "😭😭😭😭",
    "",
]


@pytest.fixture(scope="module")
def recogniser() -> Recogniser:
    found = Recogniser(Content.load(ROOT / "data").languages)
    found.load()
    return found


@pytest.mark.parametrize("code", THEIRS)
def test_eight_words_of_a_shipped_language_are_enough(recogniser: Recogniser, code: str) -> None:
    assert [recogniser.language_of(text) for text in THEIRS[code]] == [code, code]


@pytest.mark.parametrize("text", ENGLISH)
def test_english_and_what_is_mixed_with_it_is_english(recogniser: Recogniser, text: str) -> None:
    assert recogniser.language_of(text, text) is None


def test_four_words_need_a_second_message(recogniser: Recogniser) -> None:
    short = "no puedo hablar con nadie"

    assert recogniser.language_of(short) is None
    assert recogniser.language_of(short, "hi how are you") is None
    assert recogniser.language_of(short, "tengo mucho miedo de él") == "es"


def test_one_word_of_another_script_needs_a_second_one_too(recogniser: Recogniser) -> None:
    assert recogniser.language_of("помогите пожалуйста") is None
    assert recogniser.language_of("помогите пожалуйста", "что мне делать") == "ru"


def test_three_words_in_latin_letters_are_never_enough(recogniser: Recogniser) -> None:
    assert recogniser.language_of("tengo mucho miedo", "tengo mucho miedo") is None


def test_a_crisis_phrase_tells_its_language_at_once(recogniser: Recogniser) -> None:
    assert recogniser.language_of("quiero morir") == "es"
    assert recogniser.language_of("my friend said quiero morir to me and i dont know what to do") is None


NOT_SHIPPED = [
    "میں بہت پریشان ہوں مجھے سمجھ نہیں آ رہا کیا کروں",
    "আমি খুব ভয় পাচ্ছি আমি কি করব জানি না এখন",
    "我很害怕 我不知道该怎么办 请帮帮我 他威胁我",
]


@pytest.mark.parametrize("text", NOT_SHIPPED)
def test_a_language_that_is_not_shipped_is_not_taken_for_another(recogniser: Recogniser, text: str) -> None:
    assert recogniser.language_of(text, text) is None


def test_a_short_reply_goes_on_in_the_language_and_english_does_not(recogniser: Recogniser) -> None:
    assert recogniser.goes_on("sí por favor", "es")
    assert not recogniser.goes_on("ok can we talk in english", "es")
    assert not recogniser.goes_on("hello there", "en")


def test_without_its_models_nothing_is_recognised_but_crisis_phrases() -> None:
    unloaded = Recogniser(Content.load(ROOT / "data").languages)

    assert unloaded.language_of(THEIRS["es"][0]) is None
    assert unloaded.language_of("quiero morir") == "es"
