import pytest

from helpers.data.class_names import imagenet_classes, known_to_imagenet


def test_there_are_a_thousand_classes():
    names = imagenet_classes()
    assert len(names) == 1000 and names[0] == ("tench", "Tinca tinca") and names[-1][0] == "toilet tissue"


NAMES = {
    "ants": "ant",
    "Bees": "bee",
    "01-strawberries": "strawberry",
    "school_bus": "school bus",
    "daisy": "daisy",
}


@pytest.mark.parametrize("mine", [*NAMES, "my_goldfish", "tulips", "healthy", "s", ""])
def test_names_are_found_in_other_spellings(mine):
    assert known_to_imagenet([mine]) == ({mine: (NAMES[mine],)} if mine in NAMES else {})


def test_a_kind_is_found_by_its_last_word():
    found = known_to_imagenet(["cats", "wolves", "rose", "ox"])
    assert found["ox"] == ("ox", "water buffalo")  # ImageNet's synonym
    assert {"tiger cat", "Persian cat", "Egyptian cat"} <= set(found["cats"]) and "timber wolf" in found[
        "wolves"
    ]
    assert "rose" not in found  # "rose hip" does not end in "rose"
