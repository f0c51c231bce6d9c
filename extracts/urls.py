"""Addresses of processing, publishing and downloads."""

from django.urls import path

from extracts import (
    audit_views,
    data_quality_views,
    figure_views,
    national_views,
    specification_views,
    tracing_views,
    views,
)

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
    path("quality/mine/", data_quality_views.quality_mine, name="quality_mine"),
    path(
        "quality/provider/<slug:code>/",
        data_quality_views.quality_provider,
        name="quality_provider",
    ),
    path("quality/<slug:period>.csv", data_quality_views.quality_csv, name="quality_csv"),
    path("quality/<slug:period>/", data_quality_views.quality_month, name="quality_month"),
    path(
        "quality/<slug:period>/<slug:item>/",
        data_quality_views.quality_item,
        name="quality_item",
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
    path("windows/<int:key>/process/", views.window_process, name="window_process"),
    path("windows/<int:key>/publish/", views.window_publish, name="window_publish"),
]
