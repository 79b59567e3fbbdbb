"""Value of information: which missing or weak cells of a country would narrow its interval if known."""

from ._value import DEFAULT_ERRORS, ValueOfInformation, value_of_information

__all__ = ["DEFAULT_ERRORS", "ValueOfInformation", "value_of_information"]
