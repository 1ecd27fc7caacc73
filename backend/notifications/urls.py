from django.urls import path

from backend.notifications import views

urlpatterns = [
    path("notifications/", views.NotificationListView.as_view(), name="notification_list"),
    path("notifications/count/", views.UnreadCountView.as_view(), name="notification_count"),
    path("notifications/read/", views.ReadView.as_view(), name="notification_read"),
]
