"""Recordings for a made-up force: months of them, brought in, marked, held and deleted in order.

Everything goes through the domain's own verbs at the time at which it would have happened, so that
log, rows, vault and key ring tell one story and an audit finds nothing. What is not there is said
in `footage`. For training data only.
"""
