"""Drawing: the language of scenes, the teacher's layouts, the painter and the tool."""

from __future__ import annotations

import errno
import importlib.util
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from moss.conversation import ToolCall
from moss.errors import UserError
from moss.recipes.text2image.layouts import MARGIN, place
from moss.recipes.text2image.training import Teacher, Text2ImageConfig, held_out, losses, train, training_scene
from moss.tools import Toolbox
from moss.tools.painter import Painter, PainterConfig, denormalised, normalised, vocabulary
from moss.tools.scenes import (
    BACKGROUNDS,
    COLOURS,
    KINDS,
    Scene,
    Thing,
    describe,
    describe_in_chinese,
    parse_description,
    random_scene,
)
from moss.tools.text2image import IMAGE_SIZE, SUCCESS, Text2ImageTool, draw, packaged_painter

TINY = PainterConfig(hidden_size=16, num_heads=2, reader_layers=1, planner_layers=1, brush_size=16, frequencies=8)


class TestScenes:
    @given(st.integers())
    def test_parse_reads_what_describe_writes(self, seed: int) -> None:
        scene = random_scene(random.Random(seed))
        assert parse_description(describe(scene)) == scene

    @pytest.mark.parametrize(
        ("text", "scene"),
        [
            ("a red circle", Scene((Thing("circle", "red"),))),
            ("An Orange CAT.", Scene((Thing("cat", "orange"),))),
            ("a picture of two golden fish in the sea", Scene((Thing("fish", "yellow", count=2),), (), "sea")),
            ("tiny house under a starry night sky", Scene((Thing("house", None, "small"),), (), "night")),
            ("a cup on a square", Scene((Thing("cup"), Thing("square")), ("on top of",))),
            ("a cup on the left of a square", Scene((Thing("cup"), Thing("square")), ("left of",))),
            ("a sun, a tree and a house", Scene((Thing("sun"), Thing("tree"), Thing("house")), ("and", "and"))),
            ("in the snow, a cat by a tree", Scene((Thing("cat"), Thing("tree")), ("next to",), "snow")),
            ("3 grey mountains at sunset", Scene((Thing("mountain", "gray", count=3),), (), "sunset")),
            ("a heart with a white background", Scene((Thing("heart"),))),
        ],
    )
    def test_reads_other_wordings(self, text: str, scene: Scene) -> None:
        assert parse_description(text) == scene

    @pytest.mark.parametrize(
        ("text", "named"),
        [
            ("a dragon above a house", "cannot draw 'dragon'.*circle"),
            ("a crimson star", "cannot draw 'crimson'"),
            ("四只猫", "cannot draw '四只猫'"),
            ("", "names nothing to draw"),
            ("on the grass", "names nothing to draw"),
            ("a cat and a red", "'1 red' at the end"),
            ("three cats and a dog", "cannot draw 'dog'"),
            ("three cats and a tree", "at most 3 things"),
        ],
    )
    def test_says_what_it_cannot_draw(self, text: str, named: str) -> None:
        with pytest.raises(UserError, match=named):
            parse_description(text)

    @given(st.text())
    def test_any_text_is_a_scene_or_a_user_error(self, text: str) -> None:
        try:
            scene = parse_description(text)
        except UserError:
            return
        assert parse_description(describe(scene)) == scene

    @pytest.mark.parametrize(
        ("text", "chinese"),
        [
            ("a red car", "一辆红色的汽车"),
            ("two big blue fish in the sea", "大海里两条蓝色的大鱼"),
            ("a cat next to a house and a tree", "一只猫在一座房子的旁边，还有一棵树"),
            ("a star above a green tree on the grass", "草地上一颗星星在一棵绿色的树的上方"),
        ],
    )
    def test_chinese(self, text: str, chinese: str) -> None:
        assert describe_in_chinese(parse_description(text)) == chinese

    def test_needs_neither_torch_nor_numpy(self) -> None:
        code = "import sys, moss.tools.text2image; print('torch' in sys.modules, 'numpy' in sys.modules)"
        found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert found.stdout.split() == ["False", "False"]


class TestLayouts:
    @pytest.mark.parametrize("seed", range(200))
    def test_items_are_in_the_picture_where_they_should_be(self, seed: int) -> None:
        scene = random_scene(random.Random(seed))
        boxes = [(p.x, p.y, p.half) for p in place(scene, random.Random(seed))]
        assert len(boxes) == sum(thing.count for thing in scene.things)
        assert all(abs(c) + half <= MARGIN + 1e-6 for x, y, half in boxes for c in (x, y))
        assert all(_benchmark().relations_held(scene, boxes))
        if not {"inside", "in front of"} & set(scene.relations):
            assert not any(_benchmark().overlap(a, b) for i, a in enumerate(boxes) for b in boxes[:i])


class TestPainter:
    def test_knows_every_word_of_a_description(self) -> None:
        words = set(vocabulary())
        for seed in range(1000):
            assert set(describe(random_scene(random.Random(seed))).split()) <= words

    def test_normalised_is_undone(self) -> None:
        layout = torch.tensor([[0.3, -0.2, 0.1], [0.0, 0.5, 0.4]])
        torch.testing.assert_close(denormalised(normalised(layout)), layout)

    def test_reading_does_not_depend_on_the_batch(self) -> None:
        torch.manual_seed(0)
        painter = Painter(TINY).eval()
        scenes = [random_scene(random.Random(seed)) for seed in range(8)]
        together = painter.read(painter.tokens(scenes))
        for row, scene in enumerate(scenes):
            torch.testing.assert_close(together[row], painter.read(painter.tokens([scene]))[0], atol=1e-5, rtol=1e-4)

    def test_saved_and_loaded_is_the_same(self, tmp_path: Path) -> None:
        torch.manual_seed(0)
        painter = Painter(TINY).eval()
        painter.save(tmp_path / "p.safetensors")
        scene = parse_description("a red car next to a tree")
        first, second = Painter.load(tmp_path / "p.safetensors"), Painter.load(tmp_path / "p.safetensors")
        assert torch.equal(first.paint(scene, 1, 32), second.paint(scene, 1, 32))
        torch.testing.assert_close(first.paint(scene, 1, 32), painter.paint(scene, 1, 32), atol=0.05, rtol=0)

    @pytest.mark.parametrize("content", [None, b"", b"\x10" * 100])
    def test_a_damaged_file_is_a_user_error(self, tmp_path: Path, content: bytes | None) -> None:
        if content is not None:
            (tmp_path / "p").write_bytes(content)
        with pytest.raises(UserError, match="not an image model"):
            Painter.load(tmp_path / "p")


class TestTraining:
    def test_held_out_pairings_are_not_taught(self) -> None:
        pairings = [Thing(kind, colour) for kind in KINDS for colour in COLOURS]
        assert 0.05 < sum(map(held_out, pairings)) / len(pairings) < 0.2
        for seed in range(200):
            assert not any(map(held_out, training_scene(random.Random(seed)).things))

    def test_a_lesson_shows_the_things_of_the_scene(self) -> None:
        teacher = Teacher()
        assert teacher.sprites.shape[:2] == (len(KINDS), len(COLOURS))
        assert teacher.backgrounds.shape[0] == len(BACKGROUNDS)
        # No two kinds and no two backgrounds look alike, every sprite shows something and leaves a border.
        neutral = teacher.sprites[:, 0, 2].reshape(len(KINDS), -1)
        assert len({row.tobytes() for row in neutral}) == len(KINDS)
        opaque = teacher.sprites[..., 3].mean(-1) / 255
        assert opaque.min() > 0.1
        assert opaque.max() < 0.9

    def test_learns(self) -> None:
        torch.manual_seed(0)
        config = Text2ImageConfig(scenes=16, points=32, max_steps=40)
        teacher, painter = Teacher(), Painter()
        exam = teacher.lesson(painter, config, random.Random(99))
        trained = train(config)
        with torch.no_grad():
            before, after = losses(painter, exam), losses(trained, exam)
        for name, old, new in zip(("items", "backgrounds", "places"), before, after, strict=True):
            assert new < 0.9 * old, name


class TestDrawing:
    def test_a_seed_is_a_picture(self, tmp_path: Path) -> None:
        text = "a yellow moon above a blue house in the night sky"
        paths = [draw(text, tmp_path / "new" / f"{n}.png", seed) for n, seed in enumerate((1, 1, 2))]
        first, again, other = (path.read_bytes() for path in paths)
        assert first == again
        assert first != other
        with Image.open(paths[0]) as image:
            assert (image.format, image.mode, image.size) == ("PNG", "RGB", (IMAGE_SIZE, IMAGE_SIZE))

    def test_a_path_that_cannot_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(UserError, match=r"cannot write the picture .*file: this exists already, and is no folder"):
            draw("a cat", tmp_path / "file" / "cat.png")
        with pytest.raises(UserError, match=f"cannot write the picture {tmp_path}: this is a folder"):
            draw("a cat", tmp_path)

    @pytest.mark.usefixtures("full_disk")
    def test_a_full_disk_leaves_the_picture_that_was_there(self, tmp_path: Path) -> None:
        path = tmp_path / "cat.png"
        path.write_bytes(b"an older picture")
        with pytest.raises(UserError, match=r"cannot write the picture .*cat\.png: the disk is full"):
            draw("a cat", path)
        assert path.read_bytes() == b"an older picture"
        assert list(tmp_path.iterdir()) == [path]

    def test_the_weights_are_small(self) -> None:
        import moss.assets

        file = Path(moss.assets.__file__).parent / "text2image" / "painter.safetensors"
        assert file.stat().st_size <= 2_000_000

    @pytest.mark.parametrize("with_held_out", [False, True])
    def test_pictures_show_what_was_asked(self, with_held_out: bool) -> None:
        benchmark = _benchmark()
        score = benchmark.Score()
        for seed, scene in enumerate(benchmark.scenes(random.Random(7), with_held_out, 12)):
            benchmark.judge(packaged_painter(), scene, seed, score)
        assert score.kinds >= 0.85 * score.items, score
        assert score.colours >= 0.85 * score.items, score
        assert score.backgrounds >= 0.85 * score.pictures, score
        assert score.held >= 0.7 * score.relations, score


class TestTool:
    def test_draws_another_picture_when_asked_again(self, tmp_path: Path) -> None:
        tool = Text2ImageTool(tmp_path / "images")
        results = [tool.run("a red star"), tool.run("a red star")]
        assert [result.text for result in results] == [SUCCESS, SUCCESS]
        names = [Path(file).name for result in results for file in result.files]
        assert names == ["a-red-star-0.png", "a-red-star-1.png"]
        assert Path(results[0].files[0]).read_bytes() != Path(results[1].files[0]).read_bytes()

    def test_concurrent_calls_do_not_share_a_file(self, tmp_path: Path) -> None:
        calls = list(_run(tmp_path, ["a green cup"] * 3))
        assert {call.status for call in calls} == {"ok"}
        assert len({file for call in calls for file in call.files}) == 3

    def test_what_it_cannot_draw_fails(self, tmp_path: Path) -> None:
        (call,) = _run(tmp_path, ["a dragon"])
        assert (call.result, call.status, call.files) == ("No result.", "failed", ())
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.usefixtures("full_disk")
    def test_a_full_disk_leaves_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(UserError, match=r"cannot write the picture .*a-cat-0\.png: the disk is full"):
            Text2ImageTool(tmp_path).run("a cat")
        assert list(tmp_path.iterdir()) == []


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of a picture can be written."""

    def save(self: Image.Image, path: Path, kind: str) -> None:
        path.write_bytes(b"\x89PNG")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Image.Image, "save", save)


def _run(folder: Path, descriptions: list[str]) -> Iterator[ToolCall]:
    toolbox = Toolbox([Text2ImageTool(folder)])
    for _, call in toolbox.run([ToolCall("Text2Image", description) for description in descriptions]):
        yield call


def _benchmark() -> ModuleType:
    name = "text2image_benchmark"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).parents[2] / "benchmarks" / "text2image.py")
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    return sys.modules[name]
