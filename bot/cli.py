"""The command `handrail`.

What a command needs is imported when it runs, so that each starts fast and none loads more than it uses.
"""

from __future__ import annotations

import argparse
import dataclasses
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import ContentError, HandrailError
from bot.processes import WATCHED, end_with_parent
from bot.settings import Settings, load_settings

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from bot.store.database import Store
    from bot.triage.detector import Detector
    from bot.triage.questions import Question

ROLES = ("counsellor", "supervisor", "content", "safeguarding", "admin")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns the exit status."""
    options = parser().parse_args(arguments)
    # Before numpy is imported: a sentence at a time is computed here, and more threads than one only wait for each other.
    for library in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(library, "1")
    try:
        settings = _settings(options)
        logging.basicConfig(level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s")
        for talkative in ("alembic", "httpx", "rasa", "rasa_sdk"):  # Rasa's lower levels print what people write
            logging.getLogger(talkative).setLevel(logging.WARNING)
        status: int = options.command(settings, options)
        return status
    except ContentError as error:
        _complain("\n".join(error.problems))
    except HandrailError as error:
        _complain(error.message)
    except KeyboardInterrupt:
        return 130
    return 1


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="handrail", description="A helpline triage assistant.")
    commands = top.add_subparsers(required=True, metavar="COMMAND")

    run = commands.add_parser("run", help="start everything and keep it running")
    run.add_argument("--host", help="address to listen on (default: HANDRAIL_HOST, else 127.0.0.1)")
    run.add_argument("--port", type=int, help="port to listen on (default: HANDRAIL_PORT, else 8000)")
    run.set_defaults(command=_run)

    for name, what in (("web", "the web process alone"), ("engine", "the dialogue engine alone")):
        part = commands.add_parser(name, help=f"run {what}")
        part.add_argument(WATCHED, action="store_true", help=argparse.SUPPRESS)
        part.set_defaults(command=_web if name == "web" else _engine)

    commands.add_parser("setup", help="make key, encoder and models where they are missing").set_defaults(command=_setup)
    commands.add_parser("migrate", help="bring the database to the newest schema").set_defaults(command=_migrate)
    train = commands.add_parser("train", help="train the models")
    train.add_argument("--if-changed", action="store_true", help="only those whose sources changed")
    train.set_defaults(command=_train)

    commands.add_parser("triage", help="assess JSON lines from standard input").set_defaults(command=_triage)
    tune = commands.add_parser("tune", help="tune the sentence encoder anew: half an hour, and rarely needed")
    tune.add_argument("--out", type=Path, help="folder for it (default: encoder in HANDRAIL_VAR_DIR); what is in use stays")
    tune.set_defaults(command=_tune)

    evaluate = commands.add_parser("evaluate", help="measure triage and intents on labelled files; writes a report")
    evaluate.add_argument("files", nargs="*", type=Path, metavar="FILE", help="messages, conversations, questions; else ours")
    evaluate.add_argument("--against", type=Path, metavar="MODEL_DIR", help="compare with the model in this folder")
    evaluate.add_argument("--against-encoder", type=Path, metavar="FILE", help="that model's encoder (default: the same)")
    evaluate.add_argument("--safety-set", action="store_true", help="only say which phrases that must be heard are not")
    evaluate.set_defaults(command=_evaluate)

    staff = commands.add_parser("staff", help="who may sign in at the desk")
    of_staff = staff.add_subparsers(required=True, metavar="COMMAND")
    add = of_staff.add_parser("add", help="add somebody, with a one-time password")
    add.add_argument("name")
    add.add_argument("--languages", nargs="+", default=["en"], metavar="CODE", help="languages that they serve (default: en)")
    add.add_argument("--role", required=True, choices=ROLES)
    add.add_argument("--password-stdin", action="store_true", help="take a lasting password from standard input instead")
    add.set_defaults(command=_staff_add)
    serve = of_staff.add_parser("languages", help="set which languages somebody serves: Next gives them such chats first")
    serve.add_argument("name")
    serve.add_argument("languages", nargs="+", metavar="CODE", help="two or three letters, such as en or hu")
    serve.set_defaults(command=_staff_languages)

    content = commands.add_parser("content", help="texts, questions, services, policy")
    check = content.add_subparsers(required=True, metavar="COMMAND").add_parser("check", help="say what is wrong in data/")
    check.set_defaults(command=_content_check)

    commands.add_parser("ready", help="say what is missing before young people may use it").set_defaults(command=_ready)
    commands.add_parser("purge", help="delete what is older than the retention periods").set_defaults(command=_purge)
    commands.add_parser("export", help="anonymous statistics as CSV").set_defaults(command=_export)
    examples = commands.add_parser("examples", help="write the examples for triage that a reviewer kept to a file")
    examples.add_argument("file", type=Path, metavar="FILE", help="a new file on this machine, outside the content folder")
    examples.set_defaults(command=_examples)
    commands.add_parser("key", help="print a new encryption key").set_defaults(command=_key)
    return top


def _settings(options: argparse.Namespace) -> Settings:
    try:
        settings = load_settings()
    except ValueError as error:
        raise HandrailError(f"A setting cannot be used: {error}") from error
    if getattr(options, "host", None):
        settings = dataclasses.replace(settings, host=options.host)
    if getattr(options, "port", None):
        settings = dataclasses.replace(settings, port=options.port)
    return settings


# -- processes


def _run(settings: Settings, options: argparse.Namespace) -> int:
    from bot import startup
    from bot.keys import ensure_key
    from bot.processes import Supervisor, parts

    settings = ensure_key(settings)
    first = startup.prepare_database(settings, _say)
    environment = {**os.environ, "HANDRAIL_HOST": settings.host, "HANDRAIL_PORT": str(settings.port)}
    greeting = startup.Greeting(settings, first, _say)
    return Supervisor(parts(environment), _complain, greeting.tick).run()


def _web(settings: Settings, options: argparse.Namespace) -> int:
    if options.watched:
        end_with_parent()
    from bot.app import serve

    serve(settings)
    return 0


def _engine(settings: Settings, options: argparse.Namespace) -> int:
    if options.watched:
        end_with_parent()
    from bot.engine.server import serve

    serve(settings)
    return 0


# -- setting up


def _setup(settings: Settings, options: argparse.Namespace) -> int:
    from bot import installation
    from bot.keys import ensure_key

    settings = ensure_key(settings)
    _say("setting up: key, sentence encoder, models (some three minutes when they are new)")
    if installation.ensure_encoder(settings):
        _say(f"built the sentence encoder: {settings.encoder_file}")
    for name in installation.ensure_models(settings, setting_up=True):
        _say(f"trained the {name} model")
    return 0


def _migrate(settings: Settings, options: argparse.Namespace) -> int:
    from bot.keys import ensure_key
    from bot.store.migrate import migrate

    settings = ensure_key(settings)
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    migrate(settings.database_url, settings.load_key())
    return 0


def _train(settings: Settings, options: argparse.Namespace) -> int:
    from bot import installation

    installation.ensure_encoder(settings)
    trained = installation.ensure_models(settings, force=not options.if_changed)
    _say(f"trained: {', '.join(trained)}" if trained else "nothing to train: the models are those of the content as it is")
    return 0


# -- triage


def _triage(settings: Settings, options: argparse.Namespace) -> int:
    from bot.triage.commands import triage_lines
    from bot.triage.detector import Detector

    words = settings.data_dir / "triage" / "words.yml"
    detector = Detector.load(settings.triage_model_dir, settings.encoder_file, words, settings.operating_point)
    if detector.status != "ok":
        _complain(f"Triage is not whole: {detector.status}. `make setup` builds what is missing.")
    status = 0
    for line, usable in triage_lines(detector, _questions(settings), sys.stdin.buffer):
        # Half of a character pair is written as JSON writes it.
        sys.stdout.buffer.write(line.encode("utf-8", "backslashreplace") + b"\n")
        status = status if usable else 1
    sys.stdout.buffer.flush()
    return status


def _tune(settings: Settings, options: argparse.Namespace) -> int:
    from bot.tuning.tuning import Plan, tune

    target = (options.out or settings.var_dir / "encoder") / "encoder.onnx"
    target.parent.mkdir(parents=True, exist_ok=True)
    record = tune(settings.data_dir, target, Plan(), _say)
    _say(f"written: {target} ({record['seconds']} s). Compare it before it is shipped; docs/evaluation.md says how.")
    return 0


def _evaluate(settings: Settings, options: argparse.Namespace) -> int:
    from bot.triage.evaluation import evaluate, requirement_lines, write_report

    if options.safety_set:
        return _safety_set(settings, options)
    if options.against_encoder and not options.against:
        raise HandrailError("`--against-encoder` belongs to a model: name its folder with `--against`.")
    data = settings.data_dir
    ours = [*sorted((data / "triage" / "evaluation").glob("*.jsonl")), data / "nlu_test" / "questions.jsonl"]
    files = options.files or [file for file in ours if file.is_file()]
    if not files:
        raise HandrailError("There is nothing to evaluate: name a file of labelled messages.")
    if missing := [str(file) for file in files if not file.is_file()]:
        raise HandrailError(f"There is no file {', '.join(missing)}.")
    questions = [file for file in files if _holds_questions(file)]
    files = [file for file in files if file not in questions]
    if questions:
        _evaluate_intents(settings, questions)
    if not files:
        return 0
    detector = _detector(settings)
    against = None
    if options.against:
        against = _detector(settings, options.against, options.against_encoder)
        if against.status != "ok":
            raise HandrailError(f"There is no whole model to compare with in {options.against}.")
    report = evaluate(detector, files, against)
    for line in requirement_lines(report):
        print(line)
    for written in write_report(report, settings.var_dir / "evaluation"):
        _say(f"written: {written}")
    return 0


def _holds_questions(file: Path) -> bool:
    """Whether a file is one of test questions, by its first line."""
    import json

    try:
        first = json.loads(file.open(encoding="utf-8").readline())
    except ValueError:
        return False
    return isinstance(first, dict) and "intent" in first


def _evaluate_intents(settings: Settings, files: Sequence[Path]) -> None:
    from bot.engine import evaluation
    from bot.engine.models import newest_model

    questions = [question for file in files for question in evaluation.read_questions(file)]
    report = evaluation.report(questions, evaluation.rankings(newest_model(settings), questions))
    for line in evaluation.lines(report):
        print(line)
    for written in evaluation.write_report(report, settings.var_dir / "evaluation"):
        _say(f"written: {written}")


def _safety_set(settings: Settings, options: argparse.Namespace) -> int:
    import json

    from bot.triage import safety_set
    from bot.triage.evaluation import progress

    if options.files or options.against or options.against_encoder:
        raise HandrailError("`--safety-set` stands alone: it reads its own phrases.")
    phrases = safety_set.read_phrases(settings.data_dir / safety_set.FILE)
    detector = _detector(settings)
    missed = safety_set.unheard(lambda texts: map(detector.cues, progress(list(texts), "safety set")), phrases)
    for each in missed:
        print(each)
    folder = settings.var_dir / "evaluation"
    folder.mkdir(parents=True, exist_ok=True)
    written = folder / "safety_set.json"
    written.write_text(json.dumps([each.to_dict() for each in missed], ensure_ascii=False, indent=1), encoding="utf-8")
    phrase_count = sum(len(texts) for texts in phrases.values())
    form_count = len(safety_set.variants(phrases))
    _say(f"{len(missed)} of {form_count} forms of {phrase_count} phrases are not heard. Written: {written}")
    return 1 if missed else 0


def _detector(settings: Settings, model_dir: Path | None = None, encoder_file: Path | None = None) -> Detector:
    from bot.triage.detector import Detector

    words = settings.data_dir / "triage" / "words.yml"
    model_dir, encoder_file = model_dir or settings.triage_model_dir, encoder_file or settings.encoder_file
    detector = Detector.load(model_dir, encoder_file, words, settings.operating_point)
    if detector.status != "ok":
        _complain(f"Triage is not whole: {detector.status}. `make setup` builds what is missing.")
    return detector


# -- people and data


def _staff_add(settings: Settings, options: argparse.Namespace) -> int:
    from bot.handoff.languages import set_languages
    from bot.http.sign_in import add_staff

    password = sys.stdin.readline().rstrip("\n") if options.password_stdin else None
    if password == "":
        raise HandrailError("There was no password on standard input.")
    store = _store(settings)

    def work(connection: Connection) -> str | None:
        one_time = add_staff(connection, options.name, options.role, password, store.now(connection))
        set_languages(connection, options.name, options.languages)
        return one_time

    one_time = store.write_now(work)
    if one_time is not None:
        print(one_time)
        _complain(f"A one-time password for {options.name}; it must be changed at the first sign-in.")
    return 0


def _staff_languages(settings: Settings, options: argparse.Namespace) -> int:
    from bot.handoff.languages import set_languages

    codes = _store(settings).write_now(lambda connection: set_languages(connection, options.name, options.languages))
    _say(f"{options.name} serves {', '.join(codes)}.")
    return 0


def _content_check(settings: Settings, options: argparse.Namespace) -> int:
    from bot.chat.appearance import load_appearance
    from bot.chat.languages import load_languages
    from bot.content.check import check
    from bot.content.problem import errors

    problems = check(settings.data_dir)
    of_pages: list[str] = []
    for read in (load_languages, load_appearance):
        try:
            read(settings.data_dir)
        except ContentError as error:
            of_pages += error.problems
    for problem in (*problems, *of_pages):
        print(problem)
    if errors(problems) or of_pages:
        return 1
    _say("The content is valid.")
    return 0


def _ready(settings: Settings, options: argparse.Namespace) -> int:
    from bot.content import Content
    from bot.readiness import problems

    missing = problems(settings, Content.load(settings.data_dir), _store(settings))
    for problem in missing:
        print(problem)
    if not missing:
        _say("Ready: the chat may be opened to young people.")
    return 1 if missing else 0


def _purge(settings: Settings, options: argparse.Namespace) -> int:
    from bot.content import Content
    from bot.retention import purge

    days = Content.load(settings.data_dir).policy.retention_days
    for what, count in purge(_store(settings), days).items():
        _say(f"{what}: {count} deleted")
    return 0


def _export(settings: Settings, options: argparse.Namespace) -> int:
    from bot.statistics import write_csv

    write_csv(_store(settings), sys.stdout)
    return 0


def _examples(settings: Settings, options: argparse.Namespace) -> int:
    import json

    from bot.handoff import examples

    file: Path = options.file.resolve()
    if file.is_relative_to(settings.data_dir.resolve()):
        raise HandrailError("Training reads that folder. Write it elsewhere, read it, then take lines over by hand.")
    store = _store(settings)
    lines = examples.as_training_lines(store.read_now(examples.kept))
    try:
        made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)  # young people's words: nobody else on this machine
    except OSError as error:
        raise HandrailError(f"{file} cannot be written: {error.strerror}.") from error
    with os.fdopen(made, "w", encoding="utf-8") as out:
        out.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    _say(f"{len(lines)} examples written to {file}. Nothing trains on them by itself.")
    return 0


def _key(settings: Settings, options: argparse.Namespace) -> int:
    from bot.store.crypto import Cipher

    print(Cipher.make_key())
    return 0


# -- shared


def _store(settings: Settings) -> Store:
    """The product's database, with its newest schema."""
    from bot.store.database import Store
    from bot.store.migrate import migrate

    if not settings.load_key():
        raise HandrailError("There is no key yet; `make setup` makes one.")
    settings.var_dir.mkdir(parents=True, exist_ok=True)
    migrate(settings.database_url, settings.load_key())
    return Store(settings.database_url, settings.load_key())


def _questions(settings: Settings) -> dict[str, Question]:
    """The safety questions in the form that triage reads; none, with a word of why, when the content cannot be used."""
    from bot.content import Content
    from bot.triage.questions import Question

    try:
        specs = Content.load(settings.data_dir).questions
    except ContentError as error:
        _complain("\n".join(["The content cannot be used, so no `asked` is known:", *error.problems]))
        return {}
    return {name: Question.parse(spec.id, yes=spec.yes, no=spec.no, unclear=spec.unclear) for name, spec in specs.items()}


def _say(line: str) -> None:
    print(line, flush=True)


def _complain(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
