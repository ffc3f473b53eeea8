"""Which lists people take away as files: one declaration a list, by journey. How they go out stands in `web.export_lists`."""
