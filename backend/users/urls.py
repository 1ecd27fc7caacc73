from django.urls import path

from backend.users import password_views, token_views, views

urlpatterns = [
    path("auth/login/", views.LoginView.as_view(), name="login"),
    path("auth/logout/", views.LogoutView.as_view(), name="logout"),
    path("auth/me/", views.MeView.as_view(), name="me"),
    path("auth/options/", views.OptionsView.as_view(), name="login_options"),
    path("auth/password/", password_views.PasswordView.as_view(), name="password"),
    path("auth/password-reset/", password_views.PasswordResetView.as_view(), name="password_reset"),
    path(
        "auth/password-reset/confirm/",
        password_views.PasswordResetConfirmView.as_view(),
        name="password_reset_confirm",
    ),
    path("auth/token/", token_views.TokenView.as_view(), name="token"),
    path("auth/tokens/", token_views.TokenListView.as_view(), name="token_list"),
    path("auth/tokens/<int:token_id>/", token_views.TokenRevokeView.as_view(), name="token_revoke"),
]
