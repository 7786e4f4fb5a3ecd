"""Recipes: the committed ones can be followed, and a slip is named."""

from pathlib import Path

import pytest

from training.corpora import CORPORA
from training.recipe import RECIPES, RecipeError, read_recipe


@pytest.mark.parametrize("path", sorted(RECIPES.glob("*.toml")), ids=lambda path: path.stem)
def test_committed_recipes_are_whole(path: Path) -> None:
    recipe = read_recipe(path.stem)
    assert set(recipe.corpora) <= {*CORPORA, "context", "exchanged", "starter", "sentences"}


def test_generated_sentences_stay_a_small_share_of_the_default() -> None:
    # rows that train, from the committed report; templates must not outweigh what people wrote
    rows = {"imdb": 18_134, "sst": 8_533, "sst_phrases": 148_079, "counterfactual": 3_050, "amazon": 4_180}
    rows |= {"online_shopping": 38_846, "hotel": 5_375, "waimai": 8_354}
    recipe = read_recipe("default")
    for stage in recipe.training:
        shares = recipe.corpora | stage.corpora
        written_by_people = sum(count * shares[name] for name, count in rows.items())
        assert recipe.starter_sentences * shares["starter"] <= 0.3 * written_by_people


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("exchanges = 2\n[corpora]\ncontext = 1\n", "exchanges is 2, .* exchanged 0.0; set both or none"),
        ("[corpora]\nstarter = 1\n", "starter_sentences is 0, .* starter 1.0; set both or none"),
        ("exchanges = 2\n[corpora]\nexchanged = 1\n", "name context in .corpora. too"),
        ("[network]\nlayers = 2\n[pretraining]\n", "needs one layer"),
        ("[corpora]\nstarter = 0\n[training.corpora]\nstarter = 1", "starter_sentences is 0, .* starter 1.0"),
        (
            "starter_sentences = 9\n[corpora]\nstarter = 1\n[training.corpora]\nstarter = 0",
            "starter_sentences is 9, .* starter 0.0",
        ),
        ("[corpora]\nsst = 1\n[[training]]\n[[training]]\ncorpora = {imdb = 1}", "stage 2 .* share of imdb; name it"),
    ],
)
def test_parts_that_do_nothing_alone_are_named(tmp_path: Path, text: str, reason: str) -> None:
    (tmp_path / "half.toml").write_text(text)
    with pytest.raises(RecipeError, match=reason):
        read_recipe(str(tmp_path / "half.toml"))


def test_one_stage_needs_no_list(tmp_path: Path) -> None:
    (tmp_path / "one.toml").write_text("[training]\nepochs = 2\n")
    (tmp_path / "two.toml").write_text("[[training]]\nepochs = 2\n[[training]]\nepochs = 3\n")
    assert [stage.epochs for stage in read_recipe(str(tmp_path / "one.toml")).training] == [2]
    assert [stage.epochs for stage in read_recipe(str(tmp_path / "two.toml")).training] == [2, 3]


def test_an_unknown_recipe_is_told_which_there_are() -> None:
    with pytest.raises(RecipeError, match="there is no recipe 'nonsuch'; expected default"):
        read_recipe("nonsuch")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("seed = ", "is not TOML"),
        ("sede = 1", "sede: Extra inputs are not permitted"),
        ("[training]\nepochs = 0", r"training .stage 1. epochs: .*greater than or equal to 1, got 0"),
        ("[network]\nencoder = 'transformer'", "expected one of elman, jordan, lstm, gru"),
        ("[network]\npooling = 'max+sum'", "expected some of last, mean, max"),
        ("[embeddings]\nstart = 'file'", "a file goes with start = 'file'"),
    ],
)
def test_a_slip_is_named_with_its_file(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(text)
    with pytest.raises(RecipeError, match=reason) as caught:
        read_recipe(str(path))
    assert "mine.toml" in str(caught.value)
