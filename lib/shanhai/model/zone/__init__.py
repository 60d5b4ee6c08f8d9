"""The zone of nine prefectures at four provinces: do their borders keep gaps open?"""
