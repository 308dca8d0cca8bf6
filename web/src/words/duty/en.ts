//! English of the duty officer's page alone.

export const duty = {
  "duty.title": "On duty",
  "duty.mine": "Mine",
  "duty.all": "All",
  "duty.none": "No alert is open.",
  "duty.none-mine": "No alert is yours.",
  "duty.who": "Who are you?",
  "duty.who-why":
    "Choose your name to get the alerts of your position. What you do is noted under it.",
  "duty.on-duty": "On duty now",
  "duty.others": "Others",
  "duty.find": "Find a name",
  "duty.no-people": "There is no list of people yet.",
  "duty.without": "Go on without a name",
  "duty.unnamed": "No name chosen",
  "duty.change": "Change who it is: {name}",
  "duty.sound-on": "Switch the alarm sound on",
  "duty.sound-ready": "The sound is on",
  "duty.ringing": "Touch to stop the alarm",
  "duty.flood": "{position}: {n} new alerts in 10 minutes – the list is in groups",
  "duty.desk": "Alert desk",
  "duty.fault": "The page failed. Reload it.",
  "duty.install": "Add to the home screen",
};
