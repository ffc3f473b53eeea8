"""Ship 快递发货: parcels from the supplier to an address.

Words: a *parcel* has a carrier and a tracking number; a *scan* is what the carrier said, when and where.
It refuses to believe a scan out of order: a parcel's state is a fold over scans by the time they happened.
"""
