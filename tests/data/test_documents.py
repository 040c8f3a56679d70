import numpy as np
import pytest

from helpers.data import documents


def test_documents_are_repeatable_and_of_their_language():
    texts, topics = documents.draw(50, "Vietnamese", seed=3)
    again, _ = documents.draw(50, "Vietnamese", seed=3)
    assert texts == again and set(topics) == set(documents.TOPICS)
    assert {word for text in texts for word in text.split()} <= set(documents.vocabulary("Vietnamese"))
    assert not set(documents.vocabulary("English")) & set(documents.vocabulary("Vietnamese"))


def test_counts_count_and_ignore_unknown_words():
    table = documents.counts(["goal goal ball", "xyz"], ("goal", "ball", "rice"))
    np.testing.assert_array_equal(table, [[2, 1, 0], [0, 0, 0]])


def test_topics_have_the_requested_frequencies():
    _, topics = documents.draw(2000, topics={"sport": 3, "cooking": 1})
    assert np.mean(topics == "sport") == pytest.approx(0.75, abs=0.04) and "technology" not in topics


def test_words_predict_the_topic():
    from sklearn.naive_bayes import MultinomialNB

    words = documents.vocabulary("English")
    (a, y), (b, z) = documents.draw(200, seed=1), documents.draw(200, seed=2)
    model = MultinomialNB().fit(documents.counts(a, words), y)
    assert model.score(documents.counts(b, words), z) > 0.9


@pytest.mark.parametrize("language", documents.LANGUAGES)
def test_other_sub_topics_move_only_the_marginal(language):
    words = documents.vocabulary(language)
    (texts, y), (moved, z) = (documents.draw(8000, language, seed=1, other_words=share) for share in (0, 0.3))
    X, X_moved = documents.counts(texts, words), documents.counts(moved, words)
    before, after = X.mean(axis=0), X_moved.mean(axis=0)
    early = np.arange(len(words)) % 10 < 5  # in the first half of its list
    np.testing.assert_allclose(after / before, np.where(early, 0.7, 1.3), atol=0.1)
    np.testing.assert_array_equal(y, z)  # P(Y)
    for topic in documents.TOPICS:  # P(Y | word), and so P(Y|X): the words of a document are independent
        share, share_moved = (x[y == topic].sum(axis=0) / x.sum(axis=0) for x in (X, X_moved))
        np.testing.assert_allclose(share_moved, share, atol=0.06)


def test_other_words_of_zero_draw_the_same_documents():
    assert documents.draw(20, seed=1, other_words=0)[0] == documents.draw(20, seed=1)[0]
    late = documents.counts(documents.draw(50, other_words=1)[0], documents.vocabulary("English"))
    assert not late[:, np.arange(40) % 10 < 5].any()  # every word of a first half is replaced


@pytest.mark.parametrize(
    "options, word",
    [
        ({"language": "French"}, "French"),
        ({"topics": {"war": 1}}, "topics"),
        ({"topics": {"sport": 0}}, "positive"),
        ({"topics": ["sport"]}, r"map some of sport.*Received: \['sport'\]"),
        ({"other_words": 1.5}, "other_words must be between 0 and 1. Received: 1.5"),
        ({"n": -1}, "n must be an integer of at least 1"),
    ],
)
def test_bad_options(options, word):
    with pytest.raises(ValueError, match=word):
        documents.draw(**{"n": 5} | options)


def test_a_moved_marginal_costs_least():
    table = documents.costs(seeds=3)
    assert set(table) == set(documents.TARGETS) and documents.mildest(table) == "marginal"
    for name, (from_source, from_target) in table.items():
        assert from_target.mean() > 0.9
        assert (from_source.mean() < 0.5) == (name != "marginal")


@pytest.mark.parametrize("name", ["language", "mix", "labels"])
def test_unknown_kinds_of_documents_are_named(name):
    with pytest.raises(ValueError, match=f"Unknown {name} 'foo'. Use one of"):
        documents.domain_and_task(**{name: "foo"})
