"""Treebank tokens become the text a person typed."""

import pytest

from training.readers.detokenize import detokenize


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ("This does n't work , I ca n't say .", "This doesn't work, I can't say."),
        ("It 's what they 've , we 'll and I 'd .", "It's what they've, we'll and I'd."),
        ("It can not be ; can it not ?", "It cannot be; can it not?"),
        ("`` Conan '' and `` B + . ''", '"Conan" and "B +."'),
        ("` Analyze That , ' promised", "'Analyze That,' promised"),
        ("its characters ' flaws", "its characters' flaws"),
        ("-LRB- or -LSB- so -RSB- -RRB- , writer\\/director", "(or [so]), writer/director"),
        ("a \\/ b \\*\\*", "a/b **"),
        ("$ 20 and # 3 , 50 %", "$20 and #3, 50%"),
        ("career - kids -- misery ...", "career - kids -- misery..."),
        ("rock 'n' roll of the '70s", "rock 'n' roll of the '70s"),
        ("8\xa01\\/2 Women !?", "8 1/2 Women!?"),
        ("n't good", "n't good"),
        ("'s going", "'s going"),
        (", but", ", but"),
    ],
)
def test_detokenize(tokens, text):
    assert detokenize(tokens.split(" ")) == text
