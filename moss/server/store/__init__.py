"""What the web application remembers: people, chats, replies in the making, feedback, consent.

`schema` says what the tables are, `database` opens them, `migration` brings an older file up to date; the other files
hold what is done with them, as functions that take a session and the user who asks. Not here: HTTP, passwords, queues.
"""
