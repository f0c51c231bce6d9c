"""Addresses of processing, publishing and downloads."""

from datetime import date

from django.urls import path, register_converter

from extracts import (
    audit_views,
    checklist_views,
    comparison_views,
    data_quality_views,
    definition_views,
    figure_views,
    national_views,
    outlier_views,
    own_figure_views,
    own_quality_views,
    release_views,
    specification_views,
    statistics_file_views,
    statistics_views,
    tracing_views,
    views,
)


class Month:
    """A month in an address, as 2013-04; any other number is no address."""

    regex = r"[0-9]{4}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        return date.fromisoformat(f"{value}-01")

    def to_url(self, value: date | str) -> str:
        return value if isinstance(value, str) else f"{value:%Y-%m}"


register_converter(Month, "month")

urlpatterns = [
    path(
        "specification/",
        specification_views.extract_specification,
        name="extract_specification",
    ),
    path(
        "specification/<slug:table>/<slug:column>/",
        specification_views.extract_column,
        name="extract_column",
    ),
    path("inclusion/", specification_views.inclusion, name="inclusion_rules"),
    path("quality/", data_quality_views.quality_months, name="quality"),
    path("quality/rules/", data_quality_views.quality_report_rules, name="quality_rules"),
    path("quality/mine/", own_quality_views.quality_mine, name="quality_mine"),
    path(
        "quality/provider/<slug:code>/",
        own_quality_views.quality_provider,
        name="quality_provider",
    ),
    path(
        "quality/<month:period>.<slug:form>", data_quality_views.quality_file, name="quality_file"
    ),
    path("quality/<month:period>/", data_quality_views.quality_month, name="quality_month"),
    path(
        "quality/<month:period>/<slug:item>/",
        data_quality_views.quality_item,
        name="quality_item",
    ),
    path("statistics/definitions/", definition_views.definitions, name="definitions"),
    path(
        "statistics/definitions/<slug:figure>/",
        definition_views.definition,
        name="definition",
    ),
    path("statistics/", statistics_views.statistics, name="statistics"),
    path("statistics/mine/", own_figure_views.statistics_mine, name="statistics_mine"),
    path(
        "statistics/mine/figures.csv",
        own_figure_views.statistics_mine_csv,
        name="statistics_mine_csv",
    ),
    path(
        "statistics/exact/<slug:role>/<slug:code>/",
        own_figure_views.statistics_exact,
        name="statistics_exact",
    ),
    path(
        "statistics/figure/<slug:name>/",
        comparison_views.statistics_figure,
        name="statistics_figure",
    ),
    path(
        "statistics/provider/<slug:code>/",
        comparison_views.statistics_provider,
        name="statistics_provider",
    ),
    path(
        "statistics/commissioner/<slug:code>/",
        comparison_views.statistics_commissioner,
        name="statistics_commissioner",
    ),
    path(
        "statistics/quarter/<month:period>.<slug:form>",
        statistics_file_views.statistics_quarter_file,
        name="statistics_quarter_file",
    ),
    path(
        "statistics/quarter/<month:period>/",
        statistics_views.statistics_quarter,
        name="statistics_quarter",
    ),
    path(
        "statistics/quarter/<month:period>/<slug:by>/",
        statistics_views.statistics_quarter_by,
        name="statistics_quarter_by",
    ),
    path(
        "statistics/releases/<int:key>/statistics.<slug:form>",
        statistics_file_views.statistics_release_file,
        name="statistics_release_file",
    ),
    path(
        "statistics/<month:period>.<slug:form>",
        statistics_file_views.statistics_month_file,
        name="statistics_month_file",
    ),
    path("statistics/<month:period>/", statistics_views.statistics_month, name="statistics_month"),
    path(
        "statistics/<month:period>/<slug:by>/",
        statistics_views.statistics_month_by,
        name="statistics_month_by",
    ),
    path("statistics/calendar/", release_views.statistics_calendar, name="statistics_calendar"),
    path("statistics/releases/", release_views.statistics_releases, name="statistics_releases"),
    path(
        "statistics/releases/<int:key>/",
        release_views.statistics_release,
        name="statistics_release",
    ),
    path(
        "statistics/releases/<int:key>/withdraw/",
        release_views.statistics_release_withdraw,
        name="statistics_release_withdraw",
    ),
    path(
        "statistics/releases/<int:key>/data_quality.<slug:form>",
        release_views.statistics_release_quality,
        name="statistics_release_quality",
    ),
    path(
        "statistics/releases/<int:key>/<slug:part>-<slug:stage>.json",
        release_views.statistics_release_part,
        name="statistics_release_part",
    ),
    path("services/", views.services, name="services"),
    path(
        "submissions/<int:number>/if-final/",
        figure_views.submission_if_final,
        name="submission_if_final",
    ),
    path("downloads/", views.downloads, name="downloads"),
    path("downloads/<int:key>/", views.download, name="download"),
    path("downloads/national/", national_views.national_extracts, name="national_extracts"),
    path("downloads/national/<int:key>/", national_views.national_extract, name="national_extract"),
    path(
        "downloads/<int:key>/referral/",
        tracing_views.download_referral,
        name="download_referral",
    ),
    path(
        "organisation/<slug:code>/audit/",
        audit_views.organisation_audit,
        name="organisation_audit",
    ),
    path("windows/<int:key>/", views.window, name="window"),
    path(
        "windows/<int:key>/figures/", outlier_views.statistics_outliers, name="statistics_outliers"
    ),
    path("windows/<int:key>/process/", views.window_process, name="window_process"),
    path("windows/<int:key>/publish/", views.window_publish, name="window_publish"),
    path("windows/<int:key>/release/", checklist_views.window_release, name="window_release"),
    path(
        "windows/<int:key>/release/ask/",
        checklist_views.window_release_ask,
        name="window_release_ask",
    ),
]
