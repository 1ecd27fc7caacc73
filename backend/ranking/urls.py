from django.urls import path

from backend.ranking import views

urlpatterns = [path("projects/<int:project_id>/work/order/", views.OrderView.as_view(), name="image_order")]
