"""The addresses of rooms' own pages, of links into them, and of what the staff sees of all."""

from django.urls import path

from chat.web.rooms import audit, links, making, mine, people, reports, rules, talking

app_name = "rooms"
urlpatterns = [
    path("rooms/new/", making.new, name="new"),
    path("rooms/mine/", mine.mine, name="mine"),
    path("direct/", talking.direct, name="direct"),
    path("invite/<token>/", links.invite, name="invite"),
    path("reports/", reports.of_site, name="site_reports"),
    path("reports/<int:report>/", reports.one, name="one_report"),
    path("audit/", audit.of_site, name="site_audit"),
    path("chat/<room>/settings/", rules.settings, name="settings"),
    path("chat/<room>/people/", people.people, name="people"),
    path("chat/<room>/members.json", people.members_json, name="members"),
    path("chat/<room>/people/<int:person>/", people.person, name="person"),
    path("chat/<room>/invitations/", links.links, name="invitations"),
    path("chat/<room>/reports/", reports.of_one_room, name="reports"),
    path("chat/<room>/audit/", audit.of_one_room, name="audit"),
    path("chat/<room>/join/", people.join, name="join"),
    path("chat/<room>/leave/", people.leave, name="leave"),
    path("chat/<room>/<int:number>/report/", reports.report, name="report"),
    path("chat/<room>/<int:number>/reported/", reports.reported, name="reported"),
    path("chat/<room>/<int:number>/versions/", reports.versions, name="versions"),
]
