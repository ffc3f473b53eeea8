"""The pages people see, by journey. Thin: every write is an action of a room below, every read starts from visible_to."""
