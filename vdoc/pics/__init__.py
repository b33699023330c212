"""What is claimed (PICS) and how the DUT is reached and driven (bench settings).

Both are read once, checked as a whole and digested; what breaks a rule is reported all together,
with file and line. This package opens no connection and knows no test case.
"""

from vdoc.pics.bench_tables import EvApi, FileServer, Outlet, Timestamps, Token, Tokens
from vdoc.pics.compatibility import check_against, missing_files
from vdoc.pics.conditions import Condition, ConditionError, Value, ValueOf, parse_condition
from vdoc.pics.disclosure import commitment, public_digest
from vdoc.pics.items import Item, item_list
from vdoc.pics.loading import check, check_settings, load_settings
from vdoc.pics.model import Pics, load_pics
from vdoc.pics.product import Connector, Evse, Limits, Monitor, Product
from vdoc.pics.schemas import pics_schema, settings_schema
from vdoc.pics.secret import Secret
from vdoc.pics.settings import BenchSettings
from vdoc.pics.template import template
from vdoc.pics.values import Values

__all__ = [
    "BenchSettings",
    "Condition",
    "ConditionError",
    "Connector",
    "EvApi",
    "Evse",
    "FileServer",
    "Item",
    "Limits",
    "Monitor",
    "Outlet",
    "Pics",
    "Product",
    "Secret",
    "Timestamps",
    "Token",
    "Tokens",
    "Value",
    "ValueOf",
    "Values",
    "check",
    "check_against",
    "check_settings",
    "commitment",
    "item_list",
    "load_pics",
    "load_settings",
    "missing_files",
    "parse_condition",
    "pics_schema",
    "public_digest",
    "settings_schema",
    "template",
]
