"""The only part of the system that knows the MongoDB driver; everything else sees the ports it fulfils."""

from kpo_chassis.mongo.blobs import GridBlobs
from kpo_chassis.mongo.database import MongoDatabase
from kpo_chassis.mongo.driver import connect, int64
from kpo_chassis.mongo.preparation import Collection, Preparation, PreparationError, prepare

__all__ = [
    "Collection",
    "GridBlobs",
    "MongoDatabase",
    "Preparation",
    "PreparationError",
    "connect",
    "int64",
    "prepare",
]
