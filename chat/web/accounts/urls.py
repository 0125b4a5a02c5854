"""The addresses of accounts."""

from django.urls import path

from chat.web.accounts import emails, entering, leaving, passwords, profile

app_name = "account"
urlpatterns = [
    path("", profile.show, name="profile"),
    path("sign-up/", entering.sign_up, name="sign_up"),
    path("sign-up/<token>/", entering.sign_up, name="sign_up_by_link"),
    path("log-in/", entering.log_in, name="log_in"),
    path("log-out/", leaving.log_out, name="log_out"),
    path("log-out-everywhere/", leaving.log_out_everywhere, name="log_out_everywhere"),
    path("deactivate/", leaving.deactivate, name="deactivate"),
    path("delete/", leaving.delete, name="delete"),
    path("email/", emails.change, name="email"),
    path("email/confirm/<token>/", emails.confirm, name="confirm_email"),
    path("password/", passwords.change, name="password"),
    path("reset/", passwords.ask_for_reset, name="reset"),
    path("reset/sent/", passwords.reset_sent, name="reset_sent"),
    path("reset/<uidb64>/<token>/", passwords.Reset.as_view(), name="reset_confirm"),
]
