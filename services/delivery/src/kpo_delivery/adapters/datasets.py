"""How datasets are stored; their bytes lie in the blob store."""

from kpo_chassis.documents import documents
from kpo_delivery.domain.dataset import Dataset

datasets = documents(Dataset, name="dataset", collection="datasets", status=lambda dataset: dataset.status)
