from django.urls import path

from backend.likeness import views

urlpatterns = [path("masks/<uuid:mask_id>/similar/", views.SimilarView.as_view(), name="mask_similar")]
