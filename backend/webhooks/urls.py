from django.urls import path

from backend.webhooks import views

urlpatterns = [
    path("projects/<int:project_id>/webhooks/", views.WebhookListView.as_view(), name="webhook_list"),
    path("webhooks/<int:webhook_id>/", views.WebhookView.as_view(), name="webhook"),
    path("webhooks/<int:webhook_id>/rotate/", views.RotateView.as_view(), name="webhook_rotate"),
    path("webhooks/<int:webhook_id>/ping/", views.PingView.as_view(), name="webhook_ping"),
    path("webhooks/<int:webhook_id>/deliveries/", views.DeliveryListView.as_view(), name="delivery_list"),
    path("deliveries/<int:delivery_id>/redeliver/", views.RedeliverView.as_view(), name="delivery_redeliver"),
]
