"""Practice for new counsellors, with invented youths. Nothing here touches a conversation, a queue or a figure."""
