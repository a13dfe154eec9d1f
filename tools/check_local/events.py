"""A request on Steward's bus."""

import json

BUS = "steward-bus"


def put(events, product: str) -> dict:
    """Asks for the end of a product."""
    detail = {"provisionedProductId": product, "requestedBy": "jo", "reason": "the workshop is over"}
    entry = {"EventBusName": BUS, "Source": "my.portal", "DetailType": "Termination Requested"}
    return events.put_events(Entries=[{**entry, "Detail": json.dumps(detail)}])
