import pytest

from measures import Quantity


def test_to_a_larger_unit() -> None:
    assert Quantity(1500, "m").to("km") == Quantity(1.5, "km")


def test_to_a_smaller_unit() -> None:
    assert Quantity(2, "t").to("kg") == Quantity(2000, "kg")


def test_to_another_dimension() -> None:
    with pytest.raises(ValueError, match="length is no mass"):
        Quantity(1, "m").to("kg")


def test_to_no_unit() -> None:
    with pytest.raises(ValueError, match="there is no unit 'mile'"):
        Quantity(1, "m").to("mile")


def test_sum_has_the_unit_of_the_first() -> None:
    assert Quantity(1, "km") + Quantity(500, "m") == Quantity(1.5, "km")


@pytest.mark.requirement("MS-3")
def test_sum_of_two_dimensions() -> None:
    with pytest.raises(ValueError, match="mass is no length"):
        Quantity(1, "km") + Quantity(500, "g")


def test_comparison_looks_at_the_unit() -> None:
    assert Quantity(2, "m") < Quantity(1, "km")
    assert not Quantity(1, "kg") < Quantity(1000, "g")


def test_text_is_short() -> None:
    assert str(Quantity(1.50, "km")) == "1.5 km"
