"""The open evaluation of the 26 mountain counties: indicators, their values, scores, ranks with intervals, change."""
