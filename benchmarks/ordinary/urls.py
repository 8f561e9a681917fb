"""The one route."""

from rest_framework.routers import DefaultRouter

from benchmarks.ordinary.views import RecordViewSet

router = DefaultRouter()
router.register("records", RecordViewSet)
urlpatterns = router.urls
