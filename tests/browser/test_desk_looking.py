"""Who is at the desk with whom: languages, who looks at what, who hears no alarm; and a whole chat without a mouse."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from bot.handoff import languages
from bot.store.tables import handoffs
from tests.browser.desk_browser import browser, needs_chromium, real
from tests.browser.real_desk import WIDE, RealDesk, choose, fits, look_at
from tests.web.desk_fixtures import PASSWORD

__all__ = ["browser", "real"]  # fixtures

pytestmark = needs_chromium


def test_next_finds_who_serves_the_language_and_a_row_says_whose_it_is_not(real: RealDesk) -> None:
    real.desk.add("Eszter")
    real.desk.do(lambda connection: languages.set_languages(connection, "Eszter", ["en", "hu"]))
    hungarian = real.desk.waiting("sextortion", "elküldi a képeimet mindenkinek", locale="hu")
    english = real.desk.waiting("runaway", "i left home last night")
    sam = real.sit_down("Sam")
    eszter = real.come_back("Eszter")
    boss = real.sit_down("Boss", "supervisor")

    expect(sam.locator(f'.row[data-id="{hungarian}"] small')).to_contain_text("Magyar, not your language")
    expect(eszter.locator(f'.row[data-id="{hungarian}"] small')).not_to_contain_text("not your language")
    expect(boss.locator("#board-people tr", has_text="Eszter")).to_contain_text("English, Magyar")
    look_at(sam, "not-my-language")
    sam.locator("#next").click()
    expect(sam.locator("#box")).to_be_focused()
    eszter.locator("#next").click()
    expect(eszter.locator("#box")).to_be_focused()
    holders = {row.id: row.claimed_by for row in real.desk.rows(handoffs)}
    assert holders == {hungarian: real.id_of("Eszter"), english: real.id_of("Sam")}

    sam.locator("#transfer").click()
    expect(sam.locator("#colleagues label", has_text="Eszter")).to_contain_text("Magyar")


def test_who_looks_at_a_chat_is_shown_to_the_others_and_on_the_board(real: RealDesk) -> None:
    sam, ana, boss = real.sit_down("Sam"), real.sit_down("Ana"), real.sit_down("Boss", "supervisor")
    chat = real.desk.waiting("sextortion")
    choose(sam, chat)
    expect(sam.locator("#viewers")).to_be_hidden()
    expect(ana.locator(f'.row[data-id="{chat}"] small')).to_contain_text("Sam looks at it")
    expect(boss.locator("#board-people tr", has_text="Sam")).to_contain_text(f"looks at chat {chat}")
    choose(ana, chat)
    expect(ana.locator("#viewers")).to_have_text("Sam is looking at this.")
    expect(sam.locator("#viewers")).to_have_text("Ana is looking at this.")
    assert fits(ana)
    look_at(ana, "viewers")
    look_at(boss, "board-viewers")

    sam.locator("#accept").click()
    sam.locator("#box").fill("Hi, I am")
    expect(ana.locator("#viewers")).to_have_text("Sam is writing.")
    expect(ana.locator("#viewers")).to_have_text("Sam is looking at this.", timeout=15_000)
    ana.locator(f'#held .row[data-id="{chat}"]').wait_for()
    other = real.desk.waiting("runaway", "i left home last night")
    choose(ana, other)
    expect(sam.locator("#viewers")).to_be_hidden()
    assert real.desk.state(chat) == "claimed"


def test_the_board_says_who_hears_no_alarms(real: RealDesk) -> None:
    sam, boss = real.sit_down("Sam"), real.sit_down("Boss", "supervisor")
    row = boss.locator("#board-people tr", has_text="Sam")
    expect(row).to_be_visible()
    expect(sam.locator("#no-sound")).to_be_visible()
    expect(row).not_to_contain_text("hears no alarms")
    sam.get_by_role("button", name="No sound?").click()
    expect(sam.locator("#deaf")).to_have_text("You hear no alarms here. The board says so.")
    expect(row).to_contain_text("hears no alarms")
    look_at(sam, "no-sound")
    look_at(boss, "board-no-sound")
    sam.get_by_role("button", name="Test sound").click()
    expect(sam.locator("#deaf")).to_be_hidden()
    expect(row).not_to_contain_text("hears no alarms")

    sam.reload()  # before the first press a browser plays nothing
    expect(sam.locator("#deaf")).to_be_visible()
    expect(row).to_contain_text("hears no alarms")
    sam.keyboard.press("Tab")
    expect(sam.locator("#deaf")).to_be_hidden()
    expect(row).not_to_contain_text("hears no alarms")


HEARD = """
window.sounds = [];
const start = AudioBufferSourceNode.prototype.start;
AudioBufferSourceNode.prototype.start = function (...given) {
  const loud = this.buffer.getChannelData(0).reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  const sound = { loop: this.loop, loud, playing: true };
  this.addEventListener("ended", () => { sound.playing = false; });
  window.sounds.push(sound);
  return start.apply(this, given);
};
"""  # what is given to the device, as no test has ears
RINGS = "sounds.filter((sound) => sound.loop && sound.playing && sound.loud > 0.3).length"


def test_an_immediate_chat_sounds_in_a_loop_until_somebody_has_it_also_where_other_sounds_are_off(real: RealDesk) -> None:
    sam, ana = real.sit_down("Sam"), real.sit_down("Ana")
    sam.context.add_init_script(HEARD)
    sam.reload()
    sam.keyboard.press("Tab")
    sam.locator("#sound").click()
    expect(sam.locator("#sound")).to_have_text("Alarms only")
    before = sam.evaluate("sounds.length")

    quiet = real.desk.waiting("runaway", "i left home last night")
    expect(sam.locator(f'.row[data-id="{quiet}"]')).to_be_visible()
    assert sam.evaluate("sounds.length") == before

    urgent = real.desk.waiting("suicide_intent", "i cannot go on")
    sam.wait_for_function(f"() => {RINGS} === 1")
    choose(ana, urgent)
    ana.locator("#accept").click()
    sam.wait_for_function(f"() => {RINGS} === 0")

    sam.reload()
    expect(sam.locator("#sound")).to_have_text("Alarms only")
    sam.locator("#sound").click()
    before = sam.evaluate("sounds.length")
    loud = real.desk.waiting("sextortion", "he will send my pics")
    expect(sam.locator(f'.row[data-id="{loud}"]')).to_be_visible()
    sam.wait_for_function(f"() => sounds.length > {before}")


def test_a_supervisor_sets_on_the_board_how_many_chats_somebody_holds_at_once(real: RealDesk) -> None:
    sam, boss = real.sit_down("Sam"), real.sit_down("Boss", "supervisor")
    for words in ("i left home last night", "he will send my pics"):
        real.desk.waiting("runaway", words)
    boss.get_by_label("Chats at once for Sam").select_option("2")
    expect(boss.locator("#board-people tr", has_text="Sam")).to_contain_text("0 of")
    for held in (1, 2):
        sam.locator("#next").click()
        expect(boss.locator("#board-people tr", has_text="Sam")).to_contain_text(f"{held} of")
    expect(boss.get_by_label("Chats at once for Sam")).to_have_value("2")
    look_at(boss, "board-capacity")


# Without a mouse


def reach(page: Page, selector: str, most: int = 40) -> None:
    """Presses Tab until the focus is there."""
    for _ in range(most):
        if page.locator(f"{selector}:focus").count():
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab does not come to {selector}")


def test_a_whole_shift_with_a_chat_is_done_by_keyboard_alone(real: RealDesk) -> None:
    real.desk.add("Sam")
    page = real.browser.new_context(viewport=WIDE).new_page()  # type: ignore[arg-type]
    page.set_default_timeout(6000)
    page.add_init_script("addEventListener('pointerdown', () => { document.documentElement.dataset.pressed = 'yes'; }, true);")
    page.goto(f"{real.url}/desk")
    reach(page, "input[name=name], #name")
    page.keyboard.type("Sam")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator('body[data-live="live"]')).to_have_count(1)
    look_at(page, "keys-signed-in")
    reach(page, "#shift-start")
    page.keyboard.press("Enter")
    expect(page.locator("#shift-words")).to_have_text("On shift.")
    look_at(page, "keys-on-shift")

    chat = real.desk.waiting("sextortion", "he will send my pics")
    expect(page.locator("#next")).to_be_enabled()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#card .why")).to_be_visible()
    look_at(page, "keys-brief")
    page.keyboard.press("a")
    expect(page.locator("#box")).to_be_focused()
    page.keyboard.type("Hi, I am Sam. I read it.")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#log .us")).to_contain_text("I read it.")
    real.desk.young_person_writes(chat, "thank you")
    expect(page.locator("#log")).to_contain_text("thank you")
    page.keyboard.press("Escape")
    page.keyboard.press("m")
    page.keyboard.type("Wants to tell her aunt")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#notes")).to_contain_text("Wants to tell her aunt")
    look_at(page, "keys-chat")
    page.keyboard.press("Escape")
    page.wait_for_timeout(100)
    page.keyboard.press("w")
    page.keyboard.press("Space")
    look_at(page, "keys-close")
    page.keyboard.press("Enter")
    expect(page.locator("#brief")).to_be_hidden()
    assert real.desk.state(chat) == "closed"

    more = real.desk.waiting("runaway", "i left home last night")
    expect(page.locator("#next")).to_be_enabled()
    page.keyboard.press("n")
    expect(page.locator("#box")).to_be_focused()
    assert real.desk.state(more) == "claimed"
    page.keyboard.press("Escape")
    reach(page, "#release")
    page.keyboard.press("Enter")
    expect(page.locator("#brief")).to_be_hidden()
    reach(page, "#shift-end")
    page.keyboard.press("Enter")
    expect(page.locator("#shift-words")).to_contain_text("not on shift")
    assert page.evaluate("document.documentElement.dataset.pressed ?? ''") == ""
    assert real.desk.state(more) == "waiting"
    assert [sender for sender, _text in real.young_person_reads(chat)].count("counsellor") == 1
