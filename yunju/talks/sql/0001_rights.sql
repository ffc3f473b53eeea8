-- What was said stays said: messages and events are never changed, and reviews are never removed by the application.

REVOKE UPDATE, DELETE, TRUNCATE ON talks_talkevent, talks_message, talks_messagepicture FROM {app};
REVOKE DELETE, TRUNCATE ON talks_thread, talks_review FROM {app};
