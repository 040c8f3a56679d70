import numpy as np
import pytest

from helpers.data.sample_photographs import NAMES, credit, sample_photograph


@pytest.mark.parametrize("name", NAMES)
def test_photographs_are_square_and_credited(name):
    image = sample_photograph(name)
    assert image.shape == (224, 224, 3) and image.dtype == np.uint8 and image.std() > 30
    assert "CC BY 2.0" in credit(name)


def test_scikit_learn_states_the_licence_and_the_photographers():
    from importlib import resources

    text = (resources.files("sklearn.datasets.images") / "README.txt").read_text()
    assert text.count("Released under a creative commons license. [1]") == 2
    assert text.count("[1] https://creativecommons.org/licenses/by/2.0/") == 2
    for name in NAMES:
        first, *_ = credit(name).removeprefix("Photograph: ").split()
        assert f"https://www.flickr.com/photos/{first}/" in text


def test_an_unknown_photograph_is_named():
    with pytest.raises(ValueError, match="'cat'. Use one of temple, flower"):
        sample_photograph("cat")
