"""Every case of the lists of faults has a test of its right value, by name."""

from __future__ import annotations

import ast
from pathlib import Path

import pandas as pd
import pytest

import dsr_risk as dr
from tests.folders import ROOT
from tests.helpers import run

SPELLINGS = "data/test_spellings.py::test_tables_are_read_as_programs_and_people_write_them"
READING = "data/test_reading.py::test_read_data_reads_a_consistent_table_and_reports_how"
REFUSED = "data/test_reading.py::test_read_data_refuses_what_is_not_consistent_in_one_line"
HOSTILE = "data/test_hostile.py::test_hostile_input_is_refused_or_read"
OUTPUTS = (
    "cli/test_faults.py::test_outputs_never_replace_an_input_or_each_other_and_none_is_left_alone"
)
COUNTS = "cli/test_hostile_options.py::test_counts_out_of_range_are_refused"
FIGURES = "cli/test_hostile_options.py::test_a_figure_of_a_framework_has_a_range"
MODELS = "cli/test_hostile_options.py::test_a_model_with_one_figure_damaged_is_refused"
STREAMS = "cli/test_faults.py::test_closed_full_and_narrow_streams_give_no_traceback"
TEXTS = "cli/test_faults.py::test_text_that_a_spreadsheet_would_run_stays_text"
NAMES = "data/test_names.py::test_a_cell_that_is_more_than_a_name_is_no_country"
TRADE = "readers/test_hostile_editions.py::test_un_comtrade_takes_one_code_as_one_code"

CASES: dict[str, str] = {
    "1 suppliers": "records/test_supplier_names.py::test_sanctions_exposure_takes_a_text_as_one_name_in_any_spelling",
    "1 trade codes": TRADE,
    "1 agreements": "records/test_supplier_names.py::test_formal_alignment_takes_a_text_as_one_kind",
    "2 no such name": "records/test_supplier_names.py::test_a_name_that_no_record_has_is_an_error_with_the_nearest",
    "2 spellings": "records/test_supplier_names.py::test_supplier_concentration_takes_spellings_as_one_supplier_and_says_so",
    "3 V-Dem": "readers/test_hostile_editions.py::test_a_missing_code_as_r_writes_it_is_not_namibia",
    "3 contracts": "readers/test_hostile_editions.py::test_a_record_without_a_country_as_r_writes_it_is_refused",
    "3 SITC": "readers/test_hostile_editions.py::test_un_comtrade_refuses_another_classification",
    "4 names": "data/test_names.py::test_every_listed_name_is_its_state_in_running_text",
    "4 no names": "data/test_names.py::test_countries_in_ignores_negations_regions_and_dissolved_states",
    "4 firms": "readers/test_hostile_editions.py::test_telegeography_to_supplier_concentration_knows_every_spelling",
    "5 scheduled": "readers/test_hostile_editions.py::test_world_bank_takes_no_scheduled_debt_service_as_the_newest",
    "5 recommended": "readers/test_hostile_editions.py::test_aiddata_gcdf_knows_recommended_columns_of_special_editions",
    "5 totals": "readers/test_hostile_editions.py::test_freedom_house_reads_totals_below_zero",
    "6 numbers": "data/test_spellings.py::test_numbers_are_read_in_the_spelling_of_a_country",
    "6 titles, encodings, texts": READING,
    "6 World Bank, web page": REFUSED,
    "6 programs": SPELLINGS,
    "6 long header": "data/test_reading.py::test_a_wide_header_of_any_length_is_read",
    "6 workbooks": "data/test_reading.py::test_a_workbook_with_empty_sheets_percent_formats_and_merged_cells_is_read",
    "6 one line": "data/test_reading.py::test_one_cause_is_one_line_with_its_count",
    "7 newer cell": "data/test_reading.py::test_a_newer_value_under_the_bundle_is_used_and_the_older_is_kept",
    "7 own years": "data/test_reading.py::test_a_wide_table_in_which_each_country_has_its_year_is_one_ranking",
    "7 round trip": "data/test_round_trip.py::test_data_read_back_from_their_long_table_are_equal",
    "7 data years": "data/test_cases.py::test_data_years_are_those_of_the_cells_also_where_no_source_is_given",
    "7 merged rows": "data/test_reading.py::test_rows_that_complete_each_other_are_merged",
    "7 nothing scored": "cli/test_faults.py::test_check_says_no_ok_where_nothing_is_scored",
    "8 constant": "data/test_cases.py::test_a_constant_column_with_fixed_goalposts_is_scored",
    "8 monotone": "data/test_cases.py::test_a_value_raised_below_the_floor_of_a_scaled_indicator_never_lowers_a_power_mean",
    "8 own output": "records/test_own_output.py::test_as_data_accepts_every_result_of_loans_and_events",
    "8 one lender": "records/test_debt.py::test_debt_exposure_says_that_one_lender_is_recorded",
    "8 hosted": "readers/test_hostile_editions.py::test_incident_rate_counts_what_was_hosted_for_an_organisation",
    "8 percentile": "data/test_cases.py::test_a_percentile_of_too_few_units_is_refused_with_the_way_out",
    "8 zero child": "project/test_cases.py::test_a_geometric_mean_without_offset_is_zero_where_a_child_is",
    "8 no coverage": "project/test_cases.py::test_a_country_without_data_is_told_that_no_indicator_is_observed",
    "8 delta": "analysis/sensitivity/test_from_draws.py::test_delta_of_an_input_without_influence_is_within_its_interval_of_zero",
    "8 session": "montecarlo/test_running.py::test_a_method_typed_in_a_session_is_the_cause_that_is_said_of_a_broken_pool",
    "8 formulas": TEXTS,
    "9 explain": "output/test_what_it_is.py::test_explain_files_name_the_country_and_the_baseline",
    "9 direction": "output/test_what_it_is.py::test_tables_that_are_read_say_direction_focal_state_and_marks",
    "9 facts": "output/test_what_it_is.py::test_context_facts_of_a_country_are_printed",
    "9 pages": "output/test_print.py::test_html_table_prints_on_at_most_eight_pages",
    "9 workbook": "output/test_print.py::test_excel_table_prints_on_at_most_eight_pages",
    "9 ranks": "output/test_what_it_is.py::test_selected_scores_keep_their_ranks",
    "9 bounds": "output/test_what_it_is.py::test_bounds_and_intervals_have_names_of_their_own",
    "9 narrow": "output/test_what_it_is.py::test_compare_on_a_narrow_terminal_shows_the_only_effect",
    "A1": NAMES,
    "A2": "data/test_reading.py::test_errors_and_formulas_without_a_result_are_located_whatever_the_stated_size",
    "A3": "data/test_reading.py::test_an_edition_is_heeded_in_a_wide_panel",
    "A3 negative": "data/test_reading.py::test_an_edition_that_is_no_year_is_refused",
    "A4": MODELS,
    "A4 checkpoint": "cli/test_hostile_options.py::test_a_damaged_checkpoint_is_refused",
    "A5": FIGURES,
    "B1": REFUSED,
    "B2": HOSTILE,
    "B3": HOSTILE,
    "B4": "data/test_hostile.py::test_a_damaged_file_is_read_or_refused",
    "B5": HOSTILE,
    "B6": MODELS,
    "B7": COUNTS,
    "B8": COUNTS,
    "B9": TEXTS,
    "B10": "cli/test_faults.py::test_a_file_name_that_is_no_utf_8_is_read_and_written",
    "B11": STREAMS,
    "B12": STREAMS,
    "B13": "cli/test_commands.py::test_a_full_disk_is_one_message",
    "C1": OUTPUTS,
    "C2": OUTPUTS,
    "C3": OUTPUTS,
    "C3 manifest": "cli/test_faults.py::test_a_manifest_that_cannot_be_written_leaves_the_table_as_it_was",
    "D1": "data/test_names.py::test_a_long_text_is_searched_in_linear_time",
    "D2": "cli/test_faults.py::test_workers_end_with_the_command_however_it_ends",
    "D3": "data/test_reading.py::test_a_cell_far_away_costs_no_memory",
    "D4": "project/test_cases.py::test_a_million_workers_are_not_started",
    "E1": TEXTS,
    "E2": TEXTS,
    "E3": "project/test_cases.py::test_the_footer_of_records_names_no_framework",
    "F1": "cli/test_hostile_options.py::test_a_long_option_is_not_quoted_whole",
    "F2": STREAMS,
    "F3": "records/test_bad.py::test_missing_and_mistyped_columns_are_named_together",
}


@pytest.mark.parametrize("case", CASES)
def test_every_case_has_its_test(case: str) -> None:
    path, _, name = CASES[case].partition("::")
    tree = ast.parse((ROOT / "tests" / path).read_text(encoding="utf-8"))
    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def framework(**score: object) -> dict[str, object]:
    posts = {"method": "goalposts", "low": 0, "high": 100}
    children = [{"name": name, "higher_is": "riskier", "normalisation": posts} for name in "ab"]
    return {"name": "mine", "scores": [{"name": "risk", "children": children, **score}]}


def test_a_geometric_mean_without_offset_is_zero_where_a_child_is() -> None:
    frame = pd.DataFrame({"iso3": ["KEN", "GHA"], "a": [0.0, 50], "b": [90.0, 90]})
    mean = {"method": "geometric", "offset": 0}
    values = dr.score(framework(aggregation=mean), frame).values["risk"]
    assert values.to_dict() == pytest.approx({"KEN": 0, "GHA": (50 * 90) ** 0.5})


def test_a_country_without_data_is_told_that_no_indicator_is_observed() -> None:
    frame = pd.DataFrame({"iso3": ["KEN", "GHA"], "a": [10.0, None], "b": [90.0, None]})
    assert dr.score(framework(min_coverage=0), frame).reason["risk"]["GHA"] == (
        "no indicator observed"
    )


@pytest.mark.slow
def test_a_million_workers_are_not_started(tmp_path: Path) -> None:
    done = run("uncertainty", "--draws", 64, "--workers", 1_000_000, "-o", tmp_path / "u.csv")
    assert done.returncode in (0, 2)
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".md", ".html"])
def test_the_footer_of_records_names_no_framework(suffix: str, tmp_path: Path) -> None:
    (tmp_path / "deals.csv").write_text(
        "iso3,vendor,vendor_iso3,usd\nKEN,Huawei,CHN,1\nKEN,Nokia,FIN,3\n"
    )
    done = run(
        "records", "supplier_concentration", tmp_path / "deals.csv", "-o", tmp_path / f"t{suffix}"
    )
    assert done.returncode == 0, done.stderr
    assert "None" not in (tmp_path / f"t{suffix}").read_text()
