"""The modes: ways to deliver, one folder each. Start by copying the nearest sibling.

Words: a *mode* gives its flow as data and the few methods of `fulfilment.contract`; its own tables hang on the order.
They refuse to know each other, and to move money or an order's state: `orders` does both from their table.
"""
