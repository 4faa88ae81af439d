from counting import words


def test_words():
    assert words("one two One") == {"one": 2, "two": 1}
