"""The desk drawn with widgets. Thin: each view asks the state and shows its frame, and decides nothing. Floor 5.

stage      what is being done, errors as sentences, what others decided
shell      the desk and the customer on show, as the parts share them
search header tables receipt what_if statement decide decisions case_file   the parts
grid shown pictures style forms                                             how things look
desk       what is where
"""

from arlib.explore.views.desk import desk_view, open_desk_view

__all__ = ["desk_view", "open_desk_view"]
