"""Three hundred threads wait, with the smallest stacks there can be.

stock: no
"""

import threading
import time

threading.stack_size(1 << 15)
for _ in range(300):
    try:
        threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
    except RuntimeError:
        pass


def answer(*given):
    return 0.0
