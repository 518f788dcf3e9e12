"""The sections of summary.json as types: the contract between those who make figures and those who show them.

Times are milliseconds, shares are from 0 to 1, percent of CPU means percent of one core. None stands for a
figure that this run could not give; a section that is missing as a whole is `Unavailable`.
"""
