"""An alias for the leaderboard that is markup, a formula of a spreadsheet, and turns the direction of writing."""

alias = "<script>window.pwned=1</script>=1+1\u202e"


def answer(*given):
    return 0.0
