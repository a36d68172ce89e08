"""Whatever people upload is made anew: decoded and encoded again in a confined process, so that nothing but pixels and
sound gets through. No database and no HTTP in here, so that the process starts quickly and has little to lose.
"""
