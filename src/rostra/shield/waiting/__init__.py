"""The waiting room: who comes when the house is full holds a place, and is called when it is their turn.

`tickets` is the place in somebody's hand, `line` the histogram of all places and the front that moves along it, `house`
the one entry that all edges share, `door` what one edge decides, `challenge` what a newcomer can do under attack.
"""

from rostra.shield.waiting.challenge import Challenge as Challenge
from rostra.shield.waiting.door import Admitted as Admitted
from rostra.shield.waiting.door import Door as Door
from rostra.shield.waiting.door import Reason as Reason
from rostra.shield.waiting.door import Waits as Waits
from rostra.shield.waiting.house import House as House
from rostra.shield.waiting.seats import Seats as Seats
from rostra.shield.waiting.tickets import WaitingKeys as WaitingKeys
